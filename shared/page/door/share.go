package door

import (
	"errors"
	"net/http"
	"net/url"

	"latchkey/shared/account"
	"latchkey/shared/dialect"
	"latchkey/shared/fault"
	"latchkey/shared/handover"
	"latchkey/shared/share"
)

// show is GET /s/{token}.
func (s Service) show(r *http.Request) (dialect.Response, error) {
	v, err := s.follow(r)
	if r.Method != http.MethodHead && !dialect.Prefetch(r) {
		s.opened(r, v, err)
	}
	if err != nil {
		return dialect.Response{}, err
	}
	return s.render(http.StatusOK, shareOf(v, r.PathValue("token")))
}

// opened records that somebody looked at what there is, or was.
func (s Service) opened(r *http.Request, v handover.View, err error) {
	if err == nil || errors.Is(err, handover.ErrRevoked) {
		s.Handovers.Opened(r.Context(), v, dialect.Visit(r), err)
	}
}

// download is POST /s/{token}: the button.
func (s Service) download(r *http.Request) (dialect.Response, error) {
	form, err := read(r)
	if err != nil {
		return dialect.Response{}, err
	}
	v, err := s.follow(r)
	if err != nil {
		s.opened(r, v, err)
		return dialect.Response{}, err
	}
	to, err := s.fetch(r, v, form)
	if err != nil {
		return s.refused(r, form, err)
	}
	return onward(to), nil
}

// fetch returns the URL of the file, for whom the form says if somebody is
// asked for.
func (s Service) fetch(r *http.Request, v handover.View, form url.Values) (string, error) {
	var who account.Principal
	if v.Needs == share.SignIn {
		if form.Get("email") == "" || form.Get("password") == "" {
			return "", fault.New(fault.Missing, "sign in first")
		}
		u, err := s.Accounts.Prove(r.Context(), form.Get("email"), form.Get("password"), visitor(r))
		if err != nil {
			return "", err
		}
		who = account.Principal{Organization: u.Organization, User: u.ID, Email: u.Email, Name: u.Name, Role: u.Role}
	}
	return s.Handovers.Download(r.Context(), r.PathValue("token"), who, dialect.Visit(r))
}

// problem is what the page says when its button did not do it.
type problem struct {
	status int
	text   string
	fields bool // it is about what was entered
}

var problems = map[fault.Kind]problem{
	fault.Missing:         {http.StatusUnprocessableEntity, "Enter your email address and your password.", true},
	fault.Unauthenticated: {http.StatusForbidden, "This address and this password do not belong together, or the account is not active.", true},
	fault.Forbidden:       {http.StatusForbidden, "The document was shared with somebody else. Sign in with the address that the link was mailed to.", true},
	fault.Conflict:        {http.StatusConflict, "The document cannot be downloaded yet.", false},
	fault.Throttled:       {http.StatusTooManyRequests, "Too many attempts. Please wait a quarter of an hour and try again.", false},
}

// refused is the page with what went wrong. It looks anew: whoever registers
// while the page is open finds another one.
func (s Service) refused(r *http.Request, form url.Values, err error) (dialect.Response, error) {
	what, ok := problems[fault.As(err).Kind]
	if !ok && !errors.Is(err, handover.ErrRevoked) {
		return dialect.Response{}, err
	}
	v, err := s.follow(r)
	if err != nil {
		return dialect.Response{}, err
	}
	p := shareOf(v, r.PathValue("token"))
	p.Title, p.Problem, p.Wrong, p.Email = "Error: "+p.Title, what.text, what.fields, form.Get("email")
	return s.render(what.status, p)
}

// invite is POST /s/{token}/register: it mails a one-time link to whom the
// document was shared with. What it answers does not tell whether it did.
func (s Service) invite(r *http.Request) (dialect.Response, error) {
	if _, err := read(r); err != nil {
		return dialect.Response{}, err
	}
	v, err := s.follow(r)
	if err != nil {
		return dialect.Response{}, err
	}
	token, err := s.Accounts.InviteToRegister(r.Context(), v.Handover.Recipient)
	switch {
	case fault.Is(err, fault.Throttled), fault.Is(err, fault.Conflict), fault.Is(err, fault.NotFound):
		return sheets.Notice(http.StatusOK, mailed), nil
	case err != nil:
		return dialect.Response{}, err
	}
	u, err := s.Accounts.User(r.Context(), v.Handover.Organization, v.Handover.Recipient)
	if err != nil {
		return dialect.Response{}, err
	}
	s.Post.Register(r.Context(), account.Registration{User: u, URL: dialect.Origin(s.Origin, r) + registerPath + token})
	return sheets.Notice(http.StatusOK, mailed), nil
}
