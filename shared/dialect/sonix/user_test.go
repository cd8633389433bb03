package sonix_test

import (
	"strings"
	"testing"
	"time"

	"latchkey/shared/account"
	"latchkey/shared/ident"
)

// user is the wire's.
type user struct{ ID, Name, Email, Role string }

// theirs is an API key of a user's.
func (s *site) theirs(t testing.TB, email string) string {
	t.Helper()
	_, key, err := s.Accounts.CreateKey(ctx, s.Admin, "theirs", email, account.Once{})
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// The text's samples, in each of the three encodings.
//
// contract: SX-173, SX-174, SX-175, SX-176, SX-177, SX-179
func TestUsers(t *testing.T) {
	s := newSite(t)
	var listed struct{ Users []user }
	a := s.owner(t, "GET /v1/users", "")
	if a.JSON(t, &listed); a.Status != 200 || len(listed.Users) != 1 || !ident.IsChars(listed.Users[0].ID, 8) {
		t.Fatalf("%d %s", a.Status, a.Body)
	}
	founder := listed.Users[0]
	want(t, "the founder", a, 200, `{"users":[{"id":"`+founder.ID+`","name":"Ann Admin","email":"admin@acme.test","role":"admin"}]}`)

	s.Clock.Advance(time.Second)
	body, kind := multipart([3]string{"email", "", "john@acme.test"}, [3]string{"role", "", "Producer"}, [3]string{"name", "", "John Doe"})
	var john user
	a = s.owner(t, "POST /v1/users", body, "Content-Type", kind)
	a.JSON(t, &john)
	want(t, "invited", a, 200, `"name":"John Doe","email":"john@acme.test","role":"producer"}`)
	if !ident.IsChars(john.ID, 8) || john.ID == founder.ID {
		t.Errorf("the id is %q", john.ID)
	}
	body, kind = multipart([3]string{"role", "", "Member"})
	want(t, "changed", s.owner(t, "PUT /v1/users/"+john.ID, body, "Content-Type", kind), 200,
		`{"id":"`+john.ID+`","name":"John Doe","email":"john@acme.test","role":"member"}`)
	want(t, "as JSON", s.owner(t, "POST /v1/users", `{"email":"jane@acme.test","role":"external_editor","name":"Jane"}`), 200, `"role":"external_editor"`)
	want(t, "as a form", s.owner(t, "POST /v1/users", "email=jim%40acme.test&role=VIEW_ONLY"), 200, `"name":"jim"`, `"role":"view_only"`)
	want(t, "in the query", s.owner(t, "PUT /v1/users/"+john.ID+"?role=Team_Lead", ""), 200, `"role":"team_lead"`)
	for _, role := range account.Roles() {
		want(t, string(role), s.owner(t, "PUT /v1/users/"+john.ID, "role="+strings.ToUpper(string(role))), 200, `"role":"`+string(role)+`"`)
	}

	s.owner(t, "GET /v1/users", "").JSON(t, &listed)
	if len(listed.Users) != 4 || listed.Users[0] != founder {
		t.Errorf("%+v", listed.Users)
	}
	mails := s.Post.Invitations()
	if len(mails) != 3 || mails[0].To != "john@acme.test" || mails[0].Role != account.Producer || mails[0].Base != origin {
		t.Errorf("mails: %+v", mails)
	}
}

// Who asks is told that the mail was not sent; asking again sends it.
//
// contract: SX-174
func TestAnInvitationThatIsNotMailed(t *testing.T) {
	s := newSite(t)
	s.Post.Throttle = true
	want(t, "not mailed", s.owner(t, "POST /v1/users", "email=jim%40acme.test&role=editor"), 503, `"message":"The mail was not sent"`, `"error":"The mail was not sent"`, `"request_id"`)
	s.Post.Throttle = false
	want(t, "again", s.owner(t, "POST /v1/users", "email=jim%40acme.test&role=editor"), 200, `"name":"jim","email":"jim@acme.test","role":"editor"}`)
	if sent := s.Post.Invitations(); len(sent) != 1 || sent[0].To != "jim@acme.test" {
		t.Errorf("%+v", sent)
	}
}

// contract: SX-178, SX-180
func TestUsersThatAreRefused(t *testing.T) {
	s := newSite(t)
	rival, _ := s.Organization(t, "Rival", "eve@rival.test")
	var listed struct{ Users []user }
	s.as(t, rival, "GET /v1/users", "").JSON(t, &listed)
	eve := listed.Users[0].ID
	s.owner(t, "GET /v1/users", "").JSON(t, &listed)
	ann := listed.Users[0].ID
	const taken = `{"code":400,"message":"Invalid request: email cannot be invited","error":"Invalid request: email cannot be invited"}`
	for what, tt := range map[string]struct {
		call, body string
		status     int
		part       string
	}{
		"taken here":         {"POST /v1/users", "email=ADMIN%40acme.test&role=editor", 400, taken},
		"taken elsewhere":    {"POST /v1/users", "email=eve%40rival.test&role=editor", 400, taken},
		"no address":         {"POST /v1/users", "role=editor&name=x", 400, "Invalid request: email is missing"},
		"no such address":    {"POST /v1/users", "email=x&role=editor", 400, "Invalid request: email is not"},
		"two addresses":      {"POST /v1/users", "email=a%40b.test&email=c%40b.test&role=editor", 400, "email"},
		"no role":            {"POST /v1/users", "email=x%40acme.test", 400, "Invalid request: role is missing"},
		"no such role":       {"POST /v1/users", "email=x%40acme.test&role=owner", 400, "Invalid request: role must be one of: admin, producer"},
		"a role of a number": {"POST /v1/users", `{"email":"x@acme.test","role":{"a":1}}`, 400, "Invalid request: role"},
		"a long name":        {"POST /v1/users", "email=x%40acme.test&role=editor&name=" + strings.Repeat("x", 201), 400, "Invalid request: name"},
		"half a body":        {"POST /v1/users", `{"email":`, 400, "Invalid request"},
		"the last admin":     {"PUT /v1/users/" + ann, "role=editor", 400, "Invalid request: role cannot be taken from the last admin"},
		"disabling them":     {"PUT /v1/users/" + ann, "role=disabled", 400, "last admin"},
		"no new role":        {"PUT /v1/users/" + ann, "name=x", 400, "Invalid request: role is missing"},
		"another's user":     {"PUT /v1/users/" + eve, "role=editor", 404, `{"code":404,"message":"User not found","error":"User not found"}`},
		"nobody":             {"PUT /v1/users/zzzzzzzz", "role=editor", 404, `"message":"User not found"`},
		"no id":              {"PUT /v1/users/x", "role=editor", 404, `"message":"User not found"`},
	} {
		want(t, what, s.owner(t, tt.call, tt.body), tt.status, tt.part)
	}
	if n := len(s.Post.Invitations()); n != 0 {
		t.Errorf("%d mails", n)
	}
}

// contract: SX-175
func TestUsersByRole(t *testing.T) {
	s := newSite(t)
	for _, role := range account.Roles() {
		email := string(role) + "@new.test"
		var u user
		s.owner(t, "POST /v1/users", "email="+email+"&role="+string(role)).JSON(t, &u)
		key := s.theirs(t, email)
		for call, op := range map[string]account.Operation{
			"GET /v1/users": account.ReadUsers, "POST /v1/users?role=editor&email=of-" + email: account.ManageUsers,
			"PUT /v1/users/" + u.ID + "?role=" + string(role): account.ManageUsers,
		} {
			status, part := 200, ""
			switch {
			case role == account.Disabled:
				status, part = 401, "Invalid API key"
			case !role.May(op):
				status, part = 403, `The role \"`+string(role)+`\" may not `+op.String()
			}
			want(t, string(role)+" "+call, s.as(t, key, call, ""), status, part)
		}
	}
}
