package account

import (
	"strings"

	"latchkey/shared/fault"
)

// Role is what a user may do in their organization. The names are those of
// the Sonix dialect, which publishes the longest list, and of SweetConnect's.
type Role string

// The roles. External ones see no recording but in external folders.
const (
	Admin            Role = "admin"
	Producer         Role = "producer"
	TeamLead         Role = "team_lead"
	Editor           Role = "editor"
	TeamMember       Role = "team_member"
	Member           Role = "member" // team_member by another name, which is kept as it was given
	IndividualMember Role = "individual_member"
	ViewOnly         Role = "view_only"
	BillingAdmin     Role = "billing_admin"
	Disabled         Role = "disabled" // and their keys open nothing
	ExternalEditor   Role = "external_editor"
	ExternalViewer   Role = "external_viewer"

	ProducerAdmin     Role = "producer-admin"
	ProducerUser      Role = "producer-user"
	SalesAgent        Role = "sales-agent"
	ManufacturerAdmin Role = "manufacturer-admin"
	ManufacturerUser  Role = "manufacturer-user"
	Technician        Role = "technician" // reads what is shared with them, and nothing else
)

// Roles are all of them.
func Roles() []Role {
	return append([]Role{
		Admin, Producer, TeamLead, Editor, TeamMember, Member, IndividualMember, ViewOnly, BillingAdmin, Disabled,
		ExternalEditor, ExternalViewer,
	}, MarketplaceRoles()...)
}

// MarketplaceRoles are SweetConnect's besides admin: who is accepted gets one
// of them. None may more than producer-admin, who accepts.
func MarketplaceRoles() []Role {
	return []Role{ProducerAdmin, ProducerUser, SalesAgent, ManufacturerAdmin, ManufacturerUser, Technician}
}

// ParseRole reads a role in any case, and reports whether there is one of that name.
func ParseRole(s string) (Role, bool) {
	for _, r := range Roles() {
		if strings.EqualFold(s, string(r)) {
			return r, true
		}
	}
	return "", false
}

// External reports whether a role is for people of outside.
func (r Role) External() bool { return r == ExternalEditor || r == ExternalViewer }

// Operation is something a role may or may not do, or several of them.
type Operation uint32

// The operations that roles are asked about.
const (
	ReadFiles Operation = 1 << iota
	WriteFiles
	ReadLinks
	WriteLinks
	ReadAudit
	ReadRecordings  // with their documents and the comments on them
	EditRecordings  // change what documents and comments say
	WriteRecordings // make, share and delete them; whoever may, may edit
	WriteFolders
	ReadDocuments // the files of an asset or of its maintenance
	ShareFiles    // with a named person, who may be new
	DecideShares  // whether who is new may join
	ReadUsers
	ManageUsers
	ManageKeys
	ManageWebhooks
	ManageOrganization
	operations // one more than all together
)

// verbs are the operations in the order of their bits.
var verbs = [...]string{
	"read files", "write files", "read links", "write links", "read the audit trail",
	"read recordings", "edit recordings", "write recordings", "write folders",
	"read documents", "share files", "decide who may join",
	"read users", "manage users", "manage keys", "manage webhooks", "manage the organization",
}

// String is the operation as it follows "may".
func (op Operation) String() string {
	var said []string
	for i, verb := range verbs {
		if op&(1<<i) != 0 {
			said = append(said, verb)
		}
	}
	return strings.Join(said, ", ")
}

// What the table is made of.
const (
	reads  = ReadFiles | ReadLinks | ReadRecordings
	edits  = ReadRecordings | EditRecordings
	writes = reads | edits | WriteFiles | WriteLinks | WriteRecordings
)

// may is the one table of what each role may do; README.md has it for people.
// Who is not in it may do nothing.
func (r Role) may() Operation {
	switch r {
	case Admin:
		return operations - 1
	case Producer, TeamLead:
		return writes | WriteFolders | ReadAudit | ReadUsers
	case TeamMember, Member, IndividualMember:
		return writes | ReadUsers
	case Editor:
		return reads | edits | ReadUsers
	case ViewOnly:
		return reads | ReadUsers
	case BillingAdmin:
		return ReadUsers
	case ExternalEditor:
		return edits
	case ExternalViewer:
		return ReadRecordings
	case ProducerAdmin:
		return ReadFiles | WriteFiles | ReadDocuments | ShareFiles | DecideShares
	case ProducerUser:
		return ReadFiles | WriteFiles | ReadDocuments | ShareFiles
	case SalesAgent:
		return ReadFiles | ShareFiles // a file they may share, they could share with themselves
	case ManufacturerAdmin, ManufacturerUser:
		return ReadFiles | WriteFiles | ReadDocuments
	}
	return 0
}

// May reports whether a role may do op.
func (r Role) May(op Operation) bool { return op != 0 && r.may()&op == op }

// Principal is who makes a call: a user, through one of their keys.
type Principal struct {
	Organization string
	User         string
	Email        string
	Name         string
	Key          string // id of the API key
	Role         Role
	Standing     Standing // of the organization; zero for a job, which nobody's standing ends
	Keywords     []string // of the organization
}

// Require returns a Forbidden fault unless the principal may do op.
func (p Principal) Require(op Operation) error {
	if p.Role.May(op) {
		return nil
	}
	return fault.New(fault.Forbidden, "the role %q may not %s", p.Role, op)
}
