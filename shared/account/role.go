package account

import "latchkey/shared/fault"

// Role is what a user may do in their organization. The names are those of
// the Sonix dialect, which publishes the longest list.
type Role string

// The roles that exist so far.
const (
	Admin    Role = "admin"     // everything
	Producer Role = "producer"  // files, links and recordings, not keys
	ViewOnly Role = "view_only" // looks, changes nothing
	Disabled Role = "disabled"  // nothing
)

// Operation is something a role may or may not do.
type Operation string

// The operations that roles are asked about.
const (
	ReadFiles  Operation = "read files"
	WriteFiles Operation = "write files"
	ReadLinks  Operation = "read links"
	WriteLinks Operation = "write links"
	ReadAudit  Operation = "read the audit trail"
	ManageKeys Operation = "manage keys"

	// Recordings, their documents and the comments on them.
	ReadRecordings  Operation = "read recordings"
	WriteRecordings Operation = "write recordings"
)

// May is the one table of what each role may do. A role that is not in it
// may do nothing.
func (r Role) May(op Operation) bool {
	switch r {
	case Admin:
		return true
	case Producer:
		return op != ManageKeys
	case ViewOnly:
		return op == ReadFiles || op == ReadLinks || op == ReadRecordings
	}
	return false
}

// Principal is who makes a call: a user, through one of their keys.
type Principal struct {
	Organization string
	User         string
	Email        string
	Name         string
	Key          string // id of the API key
	Role         Role
}

// Require returns a Forbidden fault unless the principal may do op.
func (p Principal) Require(op Operation) error {
	if p.Role.May(op) {
		return nil
	}
	return fault.New(fault.Forbidden, "the role %q may not %s", p.Role, op)
}
