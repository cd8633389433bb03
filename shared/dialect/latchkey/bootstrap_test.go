package latchkey_test

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"latchkey/shared/dialect/latchkey"
	"latchkey/shared/fake"
	"latchkey/shared/table"
)

func TestBootstrap(t *testing.T) {
	s := fake.NewStack(t, nil)
	made, err := latchkey.Bootstrap(s.Accounts, slog.Default())(t.Context(), []byte(`{"bootstrap":{"organization":"New","email":"ada@new.test","name":"Ada"}}`))
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(made)
	if err != nil {
		t.Fatal(err)
	}
	var got struct {
		Organization string `json:"organization_id"`
		User         string `json:"user_id"`
		Key          string `json:"key"`
	}
	if err := json.Unmarshal(text, &got); err != nil {
		t.Fatal(err)
	}
	who, err := s.Accounts.Authenticate(t.Context(), got.Key)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{who.Organization, who.User, "ada@new.test", "Ada", "admin"}
	if diff := cmp.Diff(want, []string{got.Organization, got.User, who.Email, who.Name, string(who.Role)}); diff != "" {
		t.Errorf("founded (-principal +answer):\n%s", diff)
	}
}

func TestBootstrapRefusals(t *testing.T) {
	whole := true
	s := fake.NewStack(t, func(e table.Engine) table.Engine { return failing{e, &whole} })
	tests := []struct {
		name, payload, want string
		broken              bool
	}{
		{"exists", `{"bootstrap":{"organization":"ACME","email":"b@b.test"}}`, "organization exists already", false},
		{"address exists", `{"bootstrap":{"organization":"B","email":"admin@acme.test"}}`, "email belongs to a user already", false},
		{"no address", `{"bootstrap":{"organization":"B","email":"nobody"}}`, "email is not an email address", false},
		{"no organization", `{"bootstrap":{"email":"b@b.test"}}`, "organization is missing", false},
		{"something else", `{}`, "the payload is neither an HTTP event nor a bootstrap request", false},
		{"null", `{"bootstrap":null}`, "the payload is neither an HTTP event nor a bootstrap request", false},
		{"typing error", `{"bootstrap":{"organisation":"B"}}`, `the payload is not a bootstrap request: json: unknown field "organisation"`, false},
		{"failure", `{"bootstrap":{"organization":"B","email":"b@b.test"}}`, "internal error", true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			whole = !tt.broken
			var log bytes.Buffer
			made, err := latchkey.Bootstrap(s.Accounts, slog.New(slog.NewTextHandler(&log, nil)))(t.Context(), []byte(tt.payload))
			if err == nil || err.Error() != tt.want {
				t.Errorf("%v, %v; want error %q", made, err, tt.want)
			}
			if got := strings.Contains(log.String(), "the password is secret"); got != tt.broken {
				t.Errorf("log: %q", log.String())
			}
		})
	}
}
