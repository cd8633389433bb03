package latchkey_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"latchkey/shared/account"
	"latchkey/shared/store"
)

func (s *site) patch(t *testing.T, target, body string) answer {
	t.Helper()
	return s.want(t, 200, request{method: "PATCH", target: target, body: body})
}

// The standing is what Sonix calls 402, 403, blocked and without credit.
func TestOrganization(t *testing.T) {
	s := newSite(t)
	if a := s.get(t, "/organization"); a.text(t, "name") != "Acme" || a.text(t, "standing") != "active" || a.text(t, "id") != s.Admin.Organization {
		t.Errorf("at first: %s", a.Body)
	}
	// Another function has seen the key and keeps it in its cache.
	elsewhere := &account.Service{Store: store.Accounts{Table: s.Table, Now: s.Clock.Now}, Now: s.Clock.Now}
	seen := func(a *account.Service) account.Principal {
		who, err := a.Authenticate(t.Context(), s.Key)
		if err != nil {
			t.Fatal(err)
		}
		return who
	}
	for _, standing := range account.Standings() {
		before := seen(elsewhere)
		a := s.patch(t, "/organization", `{"standing":"`+string(standing)+`"}`)
		if a.text(t, "standing") != string(standing) || a.text(t, "name") != "Acme" {
			t.Errorf("%s: %s", standing, a.Body)
		}
		if who := seen(s.Accounts); who.Standing != standing {
			t.Errorf("here it is %s at once", who.Standing)
		}
		if who := seen(elsewhere); who.Standing != before.Standing {
			t.Errorf("elsewhere it is %s already", who.Standing)
		}
		s.Clock.Advance(account.CacheFor)
		if who := seen(elsewhere); who.Standing != standing {
			t.Errorf("elsewhere it is %s after a minute", who.Standing)
		}
		s.get(t, "/organization") // reachable in every standing
	}
	s.patch(t, "/organization", `{"keywords":[" Latchkey ","Ann Admin","latchkey"],"name":"ACME"}`)
	if who := seen(s.Accounts); cmp.Diff([]string{"Latchkey", "Ann Admin"}, who.Keywords) != "" || who.Standing != account.NoCredit {
		t.Errorf("%+v", who)
	}
	s.patch(t, "/organization", `{"keywords":[]}`)
	if a := s.get(t, "/organization"); len(a.field(t, "keywords").([]any)) != 0 || a.text(t, "name") != "ACME" {
		t.Errorf("without keywords: %s", a.Body)
	}
}

func TestOrganizationNames(t *testing.T) {
	s := newSite(t)
	rivals, _ := s.Organization(t, "Rival", "eve@rival.test")
	s.want(t, 409, request{method: "PATCH", target: "/organization", body: `{"name":"rival","standing":"blocked"}`})
	if a := s.get(t, "/organization"); a.text(t, "name") != "Acme" || a.text(t, "standing") != "active" {
		t.Errorf("a refused change was done: %s", a.Body)
	}
	s.patch(t, "/organization", `{"name":"Bolt"}`)
	s.want(t, 200, request{method: "PATCH", target: "/organization", body: `{"name":"acme"}`, key: rivals})
	s.want(t, 409, request{method: "PATCH", target: "/organization", body: `{"name":"Acme"}`})
	s.Organization(t, "Rival", "new@rival.test") // its name is free again
}

func TestBadOrganizations(t *testing.T) {
	s := newSite(t)
	patch := func(name, body string, fields ...string) refused {
		return refused{name, "PATCH", "/organization", body, 422, fields}
	}
	many := manyKeywords(account.MaxKeywords + 1)
	s.refuse(t, []refused{
		patch("nothing", ``), patch("empty", `{}`),
		patch("unknown", `{"name":"a","plan":"gold"}`, "plan"),
		patch("blank name", `{"name":" "}`, "name"), patch("null name", `{"name":null}`, "name"),
		patch("long name", `{"name":"`+strings.Repeat("é", account.MaxNameLength+1)+`"}`, "name"),
		patch("two lines", `{"name":"a\nb"}`, "name"),
		patch("standing", `{"standing":"gone"}`, "standing"), patch("no standing", `{"standing":""}`, "standing"),
		patch("null standing", `{"standing":null}`, "standing"), patch("a number", `{"standing":1}`, "standing"),
		patch("keywords", `{"keywords":"a,b"}`, "keywords"), patch("null", `{"keywords":null}`, "keywords"),
		patch("a keyword", `{"keywords":["a",1]}`, "keywords[1]"), patch("blank", `{"keywords":[" "]}`, "keywords"),
		patch("comma", `{"keywords":["a,b"]}`, "keywords"), patch("two lines", `{"keywords":["a\nb"]}`, "keywords"),
		patch("long keyword", `{"keywords":["`+strings.Repeat("é", account.MaxKeywordLength+1)+`"]}`, "keywords"),
		patch("many", `{"keywords":[`+many+`]}`, "keywords"),
		{"half", "PATCH", "/organization", `{`, 400, nil},
		{"parameter", "PATCH", "/organization?a=b", `{"name":"a"}`, 422, []string{"a"}},
		{"parameter", "GET", "/organization?a=b", "", 422, []string{"a"}},
	})
	s.patch(t, "/organization", `{"keywords":[`+manyKeywords(account.MaxKeywords)+`]}`)
}

func manyKeywords(n int) string {
	return `"` + strings.Join(manyNames(n), `","`) + `"`
}
