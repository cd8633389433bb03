package sweetconnect_test

import (
	"net/url"
	"strings"
	"testing"

	"latchkey/shared/account"
	"latchkey/shared/fake"
	"latchkey/shared/fake/openapi"
)

const (
	tokenPath  = "/realms/sweetconnect-prod/protocol/openid-connect/token"
	logoutPath = "/realms/sweetconnect-prod/protocol/openid-connect/logout"
	secret     = "correct horse battery"
)

// form posts parameters, given as name, value, …, and holds the answer
// against openapi.yaml.
func (s *site) form(t testing.TB, path string, params ...string) fake.Answer {
	t.Helper()
	v := url.Values{}
	for i := 0; i < len(params); i += 2 {
		v.Add(params[i], params[i+1])
	}
	return s.raw(t, path, v.Encode(), "Content-Type", "application/x-www-form-urlencoded; charset=utf-8")
}

func (s *site) raw(t testing.TB, path, body string, header ...string) fake.Answer {
	t.Helper()
	a := s.client.Do(t, "POST "+path, body, header...)
	s.spec.Check(t, "POST", strings.TrimPrefix(path, "/api/storage"), openapi.Answer{Status: a.Status, ContentType: a.Header.Get("Content-Type"), Body: a.Body})
	return a
}

func (s *site) password(t testing.TB, email, password string) fake.Answer {
	t.Helper()
	return s.form(t, tokenPath, "grant_type", "password", "client_id", "sweetconnect", "username", email, "password", password, "scope", "openid")
}

// joined is a user who registered and was accepted.
func (s *site) joined(t testing.TB, email, role string) account.User {
	t.Helper()
	u, _, err := s.Accounts.Recruit(ctx, s.Admin, email)
	if err != nil {
		t.Fatal(err)
	}
	token, err := s.Accounts.InviteToRegister(ctx, u.ID)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Accounts.Register(ctx, token, "Rita", secret, ""); err != nil {
		t.Fatal(err)
	}
	if u, err = s.Accounts.Accept(ctx, s.Admin, u.ID, role); err != nil {
		t.Fatal(err)
	}
	return u
}

type tokenAnswer struct {
	Access         string `json:"access_token"`
	Expires        int    `json:"expires_in"`
	RefreshExpires int    `json:"refresh_expires_in"`
	Refresh        string `json:"refresh_token"`
	Type           string `json:"token_type"`
}

// A client of Keycloak's signs in, calls, refreshes and signs out.
//
// contract: FF-27
func TestToken(t *testing.T) {
	s := newSite(t)
	s.joined(t, "rita@new.test", "producer-user")
	a := s.password(t, "Rita@new.test", secret)
	var first, next tokenAnswer
	a.JSON(t, &first)
	if a.Status != 200 || first.Expires != 900 || first.RefreshExpires != 86400 || first.Type != "Bearer" {
		t.Fatalf("%d %s", a.Status, a.Body)
	}
	if a.Header.Get("Cache-Control") != "no-store" || a.Header.Get("Pragma") != "no-cache" {
		t.Errorf("%v", a.Header)
	}
	want(t, "a call", s.as(t, first.Access, "GET /v1/shares", ""), 200)
	s.form(t, "/api/storage"+tokenPath, "grant_type", "refresh_token", "client_id", "x", "refresh_token", first.Refresh).JSON(t, &next)
	want(t, "the next", s.as(t, next.Access, "GET /v1/shares", ""), 200)
	want(t, "no refresh token", s.form(t, logoutPath, "client_id", "x"), 400, `{"error":"invalid_request","error_description":"refresh_token is missing"}`)
	if a := s.form(t, logoutPath, "client_id", "x", "refresh_token", next.Refresh); a.Status != 204 || a.Body != "" {
		t.Errorf("logout: %d %s", a.Status, a.Body)
	}
	for what, access := range map[string]string{"the first": first.Access, "the next": next.Access} {
		want(t, what+" after logout", s.as(t, access, "GET /v1/shares", ""), 401, "InvalidToken")
	}
	refused := s.form(t, tokenPath, "grant_type", "refresh_token", "refresh_token", next.Refresh)
	want(t, "refresh after logout", refused, 400, `{"error":"invalid_grant","error_description":"the session has ended"}`)
	if a := s.form(t, logoutPath, "refresh_token", next.Refresh); a.Status != 204 {
		t.Errorf("logout again: %d %s", a.Status, a.Body)
	}
}

// A refresh token that comes twice ends the session.
func TestTokenTwice(t *testing.T) {
	s := newSite(t)
	s.joined(t, "rita@new.test", "technician")
	var first, next tokenAnswer
	s.password(t, "rita@new.test", secret).JSON(t, &first)
	s.form(t, tokenPath, "grant_type", "refresh_token", "refresh_token", first.Refresh).JSON(t, &next)
	for _, refresh := range []string{first.Refresh, next.Refresh} {
		want(t, "refresh", s.form(t, tokenPath, "grant_type", "refresh_token", "refresh_token", refresh), 400, `"invalid_grant"`)
	}
}

func TestTokenRefuses(t *testing.T) {
	s := newSite(t)
	s.joined(t, "rita@new.test", "technician")
	const urlencoded = "application/x-www-form-urlencoded"
	for what, tt := range map[string]struct{ body, kind, code, says string }{
		"no body":         {"", urlencoded, "invalid_request", "grant_type is missing"},
		"no type":         {"grant_type=password", "", "invalid_request", "Content-Type"},
		"JSON":            {`{"grant_type":"password"}`, "application/json", "invalid_request", "Content-Type"},
		"no user":         {"grant_type=password&password=x", urlencoded, "invalid_request", "username is missing"},
		"no password":     {"grant_type=password&username=x&password=", urlencoded, "invalid_request", "password is missing"},
		"two":             {"grant_type=password&username=x&username=y&password=z", urlencoded, "invalid_request", "username appears twice"},
		"not UTF-8":       {"grant_type=password&username=x&password=%ff", urlencoded, "invalid_request", "password is not valid UTF-8"},
		"half a code":     {"grant_type=password&username=x&password=SECRET%2", urlencoded, "invalid_request", "could not be read"},
		"large":           {"grant_type=password&username=x&password=" + strings.Repeat("x", 17<<10), urlencoded, "invalid_request", "larger than"},
		"another grant":   {"grant_type=client_credentials", urlencoded, "unsupported_grant_type", "grant_type"},
		"wrong":           {"grant_type=password&username=rita%40new.test&password=SECRET-SECRET", urlencoded, "invalid_grant", "unknown address or wrong password"},
		"nobody":          {"grant_type=password&username=none%40new.test&password=SECRET-SECRET", urlencoded, "invalid_grant", "unknown address or wrong password"},
		"no address":      {"grant_type=password&username=SECRET&password=SECRET-SECRET", urlencoded, "invalid_grant", "unknown address or wrong password"},
		"no short one":    {"grant_type=password&username=" + strings.Repeat("SECRET", 500) + "&password=SECRET-SECRET", urlencoded, "invalid_grant", "unknown address or wrong password"},
		"no token":        {"grant_type=refresh_token", urlencoded, "invalid_request", "refresh_token is missing"},
		"no such token":   {"grant_type=refresh_token&refresh_token=lr_SECRET", urlencoded, "invalid_grant", "the session has ended"},
		"an access token": {"grant_type=refresh_token&refresh_token=" + s.Key, urlencoded, "invalid_grant", "the session has ended"},
	} {
		a := s.raw(t, tokenPath, tt.body, "Content-Type", tt.kind)
		want(t, what, a, 400, `{"error":"`+tt.code+`","error_description":"`, tt.says)
		if strings.Contains(a.Body, "SECRET") {
			t.Errorf("%s: %s", what, a.Body)
		}
	}
	inQuery := s.raw(t, tokenPath+"?grant_type=password&username=rita%40new.test&password="+url.QueryEscape(secret), "x=y", "Content-Type", urlencoded)
	want(t, "in the query", inQuery, 400, "grant_type is missing")
	want(t, "GET", s.as(t, "", "GET "+tokenPath, ""), 405, "MethodNotAllowed")
}

// Who guesses is put off, and nobody else is.
func TestTokenThrottles(t *testing.T) {
	s := newSite(t)
	s.joined(t, "rita@new.test", "technician")
	s.joined(t, "tom@new.test", "technician")
	for range 5 {
		want(t, "wrong", s.password(t, "rita@new.test", "wrong password"), 400, `"invalid_grant"`)
	}
	a := s.password(t, "rita@new.test", secret)
	want(t, "one more", a, 429, `{"error":"temporarily_unavailable","error_description":"too many attempts`)
	if a.Header.Get("Retry-After") != "900" {
		t.Errorf("%v", a.Header)
	}
	want(t, "another user", s.password(t, "tom@new.test", secret), 200)
	s.Clock.Advance(account.AttemptWindow)
	want(t, "later", s.password(t, "rita@new.test", secret), 200)
}

// Whatever is sent, it is refused in OAuth's shape, or as there is no such
// user or token.
func FuzzToken(f *testing.F) {
	for _, body := range []string{"", "grant_type=password&username=a%40b.test&password=x", "grant_type=refresh_token&refresh_token=lr_a_b", "grant_type=%zz", "a;b", "\xff"} {
		f.Add(body, "application/x-www-form-urlencoded")
	}
	f.Add("{}", "application/json")
	s := newSite(f)
	f.Fuzz(func(t *testing.T, body, kind string) {
		s.Clock.Advance(account.AttemptWindow)
		a := s.raw(t, tokenPath, body, "Content-Type", kind)
		if a.Status != 400 || !strings.HasPrefix(a.Body, `{"error":"`) {
			t.Errorf("%q as %q: %d %s", body, kind, a.Status, a.Body)
		}
	})
}
