package account

import (
	"context"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"latchkey/shared/fault"
)

// Limits of an organization's keywords.
const (
	MaxKeywords      = 100 // of one organization or recording
	MaxKeywordLength = 100 // characters
)

// Organization owns everything; nothing is ever shared between two.
type Organization struct {
	ID        string // UUID, but for a trial
	Name      string
	Standing  Standing
	Keywords  []string // words that its recordings are likely to have, unless they say others
	Roster    int64    // counts up with each change of its users
	CreatedAt time.Time
}

// Standing is how an organization stands with who runs the stack. Its admins
// set it: nothing is paid for here, but clients of the Sonix dialect know what
// follows from it.
type Standing string

// The standings.
const (
	Good       Standing = "active"
	PaymentDue Standing = "payment_due" // nothing of the Sonix dialect: 402
	NoAccess   Standing = "no_access"   // nothing of the Sonix dialect: 403
	Blocked    Standing = "blocked"     // recordings are kept and not transcribed
	NoCredit   Standing = "no_credit"   // no batches
)

// Standings are all of them.
func Standings() []Standing { return []Standing{Good, PaymentDue, NoAccess, Blocked, NoCredit} }

// OrganizationChange changes an organization: nil fields stay.
type OrganizationChange struct {
	Name     *string
	Standing *Standing
	Keywords *[]string
}

// Organization returns the caller's organization.
func (s *Service) Organization(ctx context.Context, who Principal) (Organization, error) {
	if err := who.Require(ManageOrganization); err != nil {
		return Organization{}, err
	}
	return s.Store.Organization(ctx, who.Organization)
}

// ChangeOrganization changes the caller's organization. Every function knows
// of it within CacheFor. Conflict for a name that another has; Stale if it was
// given another name meanwhile.
func (s *Service) ChangeOrganization(ctx context.Context, who Principal, c OrganizationChange) (Organization, error) {
	if err := who.Require(ManageOrganization); err != nil {
		return Organization{}, err
	}
	if err := c.normalise(); err != nil {
		return Organization{}, err
	}
	was, err := s.Store.Organization(ctx, who.Organization)
	if err != nil || c == (OrganizationChange{}) {
		return was, err
	}
	if err := s.Store.ChangeOrganization(ctx, s.IDs.UUID(), was, c); err != nil {
		return Organization{}, err
	}
	s.forget(func(c cached) bool { return c.organization.ID == who.Organization })
	return s.Store.Organization(ctx, who.Organization)
}

func (c *OrganizationChange) normalise() error {
	if c.Name != nil {
		if err := checkName("name", *c.Name); err != nil {
			return err
		}
	}
	if c.Standing != nil && !slices.Contains(Standings(), *c.Standing) {
		return fault.Field(fault.Invalid, "standing", "must be one of: %s", joined(Standings()))
	}
	if c.Keywords != nil {
		list, err := CheckKeywords("keywords", *c.Keywords)
		c.Keywords = &list
		return err
	}
	return nil
}

func joined[T ~string](all []T) string {
	words := make([]string, len(all))
	for i, v := range all {
		words[i] = string(v)
	}
	return strings.Join(words, ", ")
}

// CheckKeywords returns keywords trimmed and each once, in the order they were
// given; Invalid for more or longer ones than the limits, for blank ones, and
// for a comma, which parts keywords where they are one text.
func CheckKeywords(field string, list []string) ([]string, error) {
	out := []string{}
	seen := map[string]bool{}
	for _, k := range list {
		k = strings.TrimSpace(k)
		switch {
		case k == "":
			return nil, fault.Field(fault.Invalid, field, "has a blank one")
		case utf8.RuneCountInString(k) > MaxKeywordLength:
			return nil, fault.Field(fault.Invalid, field, "has one that is longer than %d characters", MaxKeywordLength)
		case !utf8.ValidString(k) || strings.ContainsFunc(k, func(r rune) bool { return r < ' ' || r == 0x7f || r == ',' }):
			return nil, fault.Field(fault.Invalid, field, "has one with a comma or control characters")
		}
		if key := strings.ToLower(k); !seen[key] {
			seen[key] = true
			out = append(out, k)
		}
	}
	if len(out) > MaxKeywords {
		return nil, fault.Field(fault.Invalid, field, "are more than %d", MaxKeywords)
	}
	return out, nil
}
