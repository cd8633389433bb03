package scriptix

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"latchkey/shared/account"
)

// as is everybody with one role.
type as struct {
	account.Principal
}

func (a as) Authenticate(context.Context, string) (account.Principal, error) { return a.Principal, nil }

// What each role gets to at the owners' routes: what says something needs the
// right to edit, what makes, shares or deletes the one to write, and folders
// one of their own. A request
// that passes the door is refused for its body, or not at all.
func TestRoutesByRole(t *testing.T) {
	for role, may := range map[account.Role]string{
		account.Admin: "read edit write folders", account.Producer: "read edit write folders", account.TeamLead: "read edit write folders",
		account.TeamMember: "read edit write", account.Member: "read edit write", account.IndividualMember: "read edit write",
		account.Editor: "read edit", account.ExternalEditor: "read edit",
		account.ViewOnly: "read", account.ExternalViewer: "read", account.BillingAdmin: "", account.Disabled: "",
	} {
		s := newSite(t)
		who := s.Admin
		who.Role = role
		seen := 0
		for _, route := range (API{Accounts: as{who}, Recordings: s.Recordings}).Routes() {
			method, path, _ := strings.Cut(route.Pattern, " ")
			if strings.Contains(path, "/shared") {
				continue
			}
			seen++
			r, err := http.NewRequestWithContext(ctx, method, path, http.NoBody)
			if err != nil {
				t.Fatal(err)
			}
			r.Pattern = route.Pattern
			r.Header.Set("X-Api-Key", "any")
			r.SetPathValue("session", "sess_"+s.rec.ID)
			if strings.Contains(path, "{document}") {
				r.SetPathValue("document", "doc_"+s.doc.ID)
			}
			r.SetPathValue("comment", "comment_000000000000")
			_, err = route.Handler(r)
			refused := err != nil && strings.Contains(err.Error(), `the role "`+string(role)+`" may not `)
			if want := !strings.Contains(may, needs(route.Pattern)); refused != want {
				t.Errorf("%s at %s: %v", role, route.Pattern, err)
			}
		}
		if seen < 20 {
			t.Errorf("%d routes", seen)
		}
	}
}

// needs is the right that an owner's route asks for.
func needs(pattern string) string {
	method, path, _ := strings.Cut(pattern, " ")
	switch {
	case method == "GET":
		return "read"
	case strings.Contains(path, "/folders"):
		return "folders"
	case strings.HasSuffix(path, "/clear_text"), strings.HasSuffix(path, "/reset_to_original"), strings.HasSuffix(path, "/finish"),
		strings.HasSuffix(path, "/finished_status"), strings.Contains(path, "/comments"), pattern == "PUT /api/v3/speech-to-text/session/{session}/document/{document}":
		return "edit"
	}
	return "write"
}
