package door

import (
	"net/http"
	"strings"

	"latchkey/shared/account"
	"latchkey/shared/dialect"
	"latchkey/shared/fault"
	"latchkey/shared/handover"
	"latchkey/shared/journal"
)

// sessionCookie holds the access token of who signed in, for these pages alone.
const sessionCookie = "latchkey_session"

// cookie is the session's, or with an empty session what deletes it.
func (s Service) cookie(r *http.Request, in account.Session) *http.Cookie {
	c := &http.Cookie{
		Name: sessionCookie, Value: in.Access, Path: handover.SignInPath, Expires: in.AccessUntil,
		HttpOnly: true, Secure: strings.HasPrefix(dialect.Origin(s.Origin, r), "https:"), SameSite: http.SameSiteLaxMode,
	}
	if in.Access == "" {
		c.MaxAge = -1
	}
	return c
}

// session is the access token that a browser holds, or "".
func session(r *http.Request) string {
	c, err := r.Cookie(sessionCookie)
	if err != nil {
		return ""
	}
	return c.Value
}

// signedIn is whom a browser is signed in as: Unauthenticated for nobody, or
// not any more.
func (s Service) signedIn(r *http.Request) (account.Principal, error) {
	who, err := s.Accounts.Authenticate(r.Context(), session(r))
	journal.From(r.Context()).Organization = who.Organization
	return who, err
}

// received is GET /sign-in: all that was handed to who is signed in, or the
// form to sign in.
func (s Service) received(r *http.Request) (dialect.Response, error) {
	who, err := s.signedIn(r)
	if fault.Is(err, fault.Unauthenticated) {
		return renderSignIn(http.StatusOK, signInPage{Title: "Sign in"})
	}
	if err != nil {
		return dialect.Response{}, err
	}
	all, err := s.Handovers.Received(r.Context(), who)
	if err != nil {
		return dialect.Response{}, err
	}
	return sheets.Render(http.StatusOK, "received", receivedOf(who, all), "'self'")
}

// signIn is POST /sign-in. It leads to the page anew, so that nobody sends a
// password twice by loading it again.
func (s Service) signIn(r *http.Request) (dialect.Response, error) {
	form, err := read(r)
	if err != nil {
		return dialect.Response{}, err
	}
	in, err := s.start(r, form.Get("email"), form.Get("password"))
	if err != nil {
		what, ok := problems[fault.As(err).Kind]
		if !ok {
			return dialect.Response{}, err
		}
		return renderSignIn(what.status, signInPage{Title: "Error: Sign in", Problem: what.text, Wrong: what.fields, Email: form.Get("email")})
	}
	journal.From(r.Context()).Organization = in.User.Organization
	return onward(handover.SignInPath, s.cookie(r, in)), nil
}

func (s Service) start(r *http.Request, email, password string) (account.Session, error) {
	if email == "" || password == "" {
		return account.Session{}, fault.New(fault.Missing, "sign in first")
	}
	return s.Accounts.SignIn(r.Context(), email, password, visitor(r))
}

// signOut is POST /sign-in/out.
func (s Service) signOut(r *http.Request) (dialect.Response, error) {
	if _, err := read(r); err != nil {
		return dialect.Response{}, err
	}
	if err := s.Accounts.Leave(r.Context(), session(r)); err != nil {
		return dialect.Response{}, err
	}
	return onward(handover.SignInPath, s.cookie(r, account.Session{})), nil
}

// mine is GET /sign-in/{share}: the page of one document.
func (s Service) mine(r *http.Request) (dialect.Response, error) {
	who, err := s.signedIn(r)
	if fault.Is(err, fault.Unauthenticated) {
		return renderSignIn(http.StatusOK, signInPage{Title: "Sign in"})
	}
	if err != nil {
		return dialect.Response{}, err
	}
	v, err := s.look(r, who)
	if r.Method != http.MethodHead && !dialect.Prefetch(r) {
		s.opened(r, v, err)
	}
	if err != nil {
		return dialect.Response{}, err
	}
	return s.render(http.StatusOK, mineOf(v.Handover))
}

// look reads the document of the path that somebody was handed.
func (s Service) look(r *http.Request, who account.Principal) (handover.View, error) {
	h, err := s.Handovers.Mine(r.Context(), who, r.PathValue("share"))
	return noted(r, handover.View{Handover: h}, err)
}

// downloadMine is POST /sign-in/{share}: the button.
func (s Service) downloadMine(r *http.Request) (dialect.Response, error) {
	if _, err := read(r); err != nil {
		return dialect.Response{}, err
	}
	who, err := s.signedIn(r)
	if fault.Is(err, fault.Unauthenticated) {
		const over = "You are not signed in any more. Sign in again."
		return renderSignIn(http.StatusForbidden, signInPage{Title: "Error: Sign in", Problem: over})
	}
	if err != nil {
		return dialect.Response{}, err
	}
	v, err := s.look(r, who)
	if err != nil {
		s.opened(r, v, err)
		return dialect.Response{}, err
	}
	to, err := s.Handovers.DownloadMine(r.Context(), who, v.Handover.ID, dialect.Visit(r))
	if err != nil {
		return dialect.Response{}, err
	}
	return onward(to), nil
}

// onward is a redirect after a form.
func onward(to string, cookies ...*http.Cookie) dialect.Response {
	res := dialect.Response{Status: http.StatusSeeOther, Header: http.Header{"Location": {to}}, Cookies: cookies}
	dialect.Capability(res.Header)
	return res
}
