package sweetconnect

import (
	"context"
	"mime"
	"net/http"
	"net/url"
	"strconv"
	"time"
	"unicode/utf8"

	"latchkey/shared/account"
	"latchkey/shared/dialect"
	"latchkey/shared/fault"
	"latchkey/shared/journal"
	"latchkey/shared/lambdahttp"
)

// Sessions is what the token endpoint needs of accounts.
type Sessions interface {
	SignIn(ctx context.Context, email, password string, v account.Visitor) (account.Session, error)
	Refresh(ctx context.Context, refresh string) (account.Session, error)
	SignOut(ctx context.Context, refresh string) error
}

var _ Sessions = (*account.Service)(nil)

// maxTokenRequest bounds the body of a token request, in bytes.
const maxTokenRequest = 16 << 10

// tokenRoutes are where clients of Keycloak, which SweetConnect has, get and
// end their tokens (RFC 6749, sections 4.3 and 6), in any realm and with any
// client_id.
func tokenRoutes(s Sessions) []dialect.Route {
	t := tokens{s}
	return []dialect.Route{
		{Pattern: "POST /realms/{realm}/protocol/openid-connect/token", Handler: refusable(t.issue)},
		{Pattern: "POST /realms/{realm}/protocol/openid-connect/logout", Handler: refusable(t.end)},
	}
}

type tokens struct{ sessions Sessions }

// tokenJSON is RFC 6749, section 5.1, with what Keycloak has besides.
type tokenJSON struct {
	AccessToken      string `json:"access_token"`
	ExpiresIn        int    `json:"expires_in"` // seconds
	RefreshExpiresIn int    `json:"refresh_expires_in"`
	RefreshToken     string `json:"refresh_token"`
	TokenType        string `json:"token_type"`
	NotBefore        int    `json:"not-before-policy"`
	Scope            string `json:"scope"`
}

// granted is Keycloak's scope of everybody. It has no openid, whatever was
// asked for: there is no id_token.
const granted = "email profile"

func (t tokens) issue(r *http.Request) (dialect.Response, error) {
	form, err := readTokenForm(r)
	if err != nil {
		return dialect.Response{}, err
	}
	session, err := t.session(r, form)
	if err != nil {
		return dialect.Response{}, err
	}
	journal.From(r.Context()).Organization = session.User.Organization
	return uncached(dialect.JSON(http.StatusOK, tokenJSON{
		AccessToken: session.Access, ExpiresIn: seconds(session.AccessUntil.Sub(session.At)),
		RefreshToken: session.Refresh, RefreshExpiresIn: seconds(session.RefreshUntil.Sub(session.At)),
		TokenType: "Bearer", Scope: granted,
	}))
}

func seconds(d time.Duration) int { return int(d / time.Second) }

// session is what a grant gets.
func (t tokens) session(r *http.Request, form tokenForm) (account.Session, error) {
	grant, err := form.need("grant_type")
	if err != nil {
		return account.Session{}, err
	}
	switch grant {
	case "password":
		username, err := form.need("username")
		if err != nil {
			return account.Session{}, err
		}
		password, err := form.need("password")
		if err != nil {
			return account.Session{}, err
		}
		return t.sessions.SignIn(r.Context(), username, password, account.Visitor(lambdahttp.Request(r.Context()).SourceIP))
	case "refresh_token":
		refresh, err := form.need("refresh_token")
		if err != nil {
			return account.Session{}, err
		}
		return t.sessions.Refresh(r.Context(), refresh)
	}
	return account.Session{}, fault.New(unsupported, "the grant_type is password or refresh_token")
}

func (t tokens) end(r *http.Request) (dialect.Response, error) {
	form, err := readTokenForm(r)
	if err != nil {
		return dialect.Response{}, err
	}
	refresh, err := form.need("refresh_token")
	if err != nil {
		return dialect.Response{}, err
	}
	return dialect.Response{Status: http.StatusNoContent, Header: http.Header{}}, t.sessions.SignOut(r.Context(), refresh)
}

// tokenForm is a token request. What stands in the query is not looked at: a
// password there would be in logs (RFC 6749, section 2.3.1).
type tokenForm url.Values

func readTokenForm(r *http.Request) (tokenForm, error) {
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || kind != "application/x-www-form-urlencoded" {
		return nil, fault.New(fault.Malformed, "the Content-Type must be application/x-www-form-urlencoded")
	}
	body, err := dialect.ReadBody(r, maxTokenRequest)
	if err != nil {
		return nil, err
	}
	form, err := url.ParseQuery(string(body))
	if err != nil {
		// Without the cause, which has a part of the body.
		return nil, fault.New(fault.Malformed, "the form could not be read")
	}
	return tokenForm(form), nil
}

// need returns a parameter that must be there, once (RFC 6749, section 3.2).
func (f tokenForm) need(name string) (string, error) {
	switch v := f[name]; {
	case len(v) == 0 || len(v) == 1 && v[0] == "":
		return "", fault.Field(fault.Missing, name, "is missing")
	case len(v) > 1:
		return "", fault.Field(fault.Invalid, name, "appears twice")
	case !utf8.ValidString(v[0]):
		return "", fault.Field(fault.Invalid, name, "is not valid UTF-8")
	default:
		return v[0], nil
	}
}

// unsupported is the fault of a grant_type that is none of ours.
const unsupported fault.Kind = "unsupported grant type"

// refusalJSON is RFC 6749, section 5.2.
type refusalJSON struct {
	Error       string `json:"error"`
	Description string `json:"error_description"`
}

// refusable makes a handler refuse as OAuth does. What is nobody's fault
// wears this API's face, as everywhere.
func refusable(h dialect.Handler) dialect.Handler {
	return func(r *http.Request) (dialect.Response, error) {
		res, err := h(r)
		if err == nil {
			return res, nil
		}
		e := fault.As(err)
		status, code := http.StatusBadRequest, ""
		switch e.Kind {
		case fault.Missing, fault.Invalid, fault.Malformed, fault.TooLarge:
			code = "invalid_request"
		case fault.Unauthenticated:
			code = "invalid_grant"
		case unsupported:
			code = "unsupported_grant_type"
		case fault.Throttled: // of RFC 6749 only section 4.1.2.1 has a word for it
			status, code = http.StatusTooManyRequests, "temporarily_unavailable"
		default:
			return dialect.Response{}, err
		}
		description := e.Message
		if e.Field != "" {
			description = e.Field + " " + e.Message
		}
		res, err = uncached(dialect.JSON(status, refusalJSON{code, description}))
		if status == http.StatusTooManyRequests && err == nil {
			res.Header.Set("Retry-After", strconv.Itoa(seconds(account.AttemptWindow)))
		}
		return res, err
	}
}

// uncached sets what RFC 6749, section 5.1, wants of every answer.
func uncached(res dialect.Response, err error) (dialect.Response, error) {
	if err == nil {
		res.Header.Set("Cache-Control", "no-store")
		res.Header.Set("Pragma", "no-cache")
	}
	return res, err
}
