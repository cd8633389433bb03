package door

import (
	"net/http"

	"latchkey/shared/account"
	"latchkey/shared/dialect"
	"latchkey/shared/fault"
	"latchkey/shared/handover"
	"latchkey/shared/journal"
	"latchkey/shared/page"
)

// registering is GET /register/{token}. It spends nothing.
func (s Service) registering(r *http.Request) (dialect.Response, error) {
	u, err := s.newcomer(r)
	if err != nil {
		return dialect.Response{}, err
	}
	return sheets.Render(http.StatusOK, "register", registerOf(u, r.PathValue("token")), "'self'")
}

// newcomer is whom the path's token is for, and names their organization in
// the journal.
func (s Service) newcomer(r *http.Request) (account.User, error) {
	u, err := s.Accounts.Registering(r.Context(), r.PathValue("token"))
	journal.From(r.Context()).Organization = u.Organization
	return u, err
}

// register is POST /register/{token}.
func (s Service) register(r *http.Request) (dialect.Response, error) {
	form, err := read(r)
	if err != nil {
		return dialect.Response{}, err
	}
	token := r.PathValue("token")
	u, err := s.Accounts.Register(r.Context(), token, form.Get("name"), form.Get("password"), visitor(r))
	if fault.Is(err, fault.Missing) || fault.Is(err, fault.Invalid) {
		return s.amend(r, form.Get("name"), fault.As(err))
	}
	if err != nil {
		return dialect.Response{}, err
	}
	journal.From(r.Context()).Organization = u.Organization
	p := passwordSet
	if u.Joining == account.Waiting {
		p = registered
		// They have registered, whatever becomes of this.
		all, err := s.Handovers.State(r.Context(), u.ID)
		if err != nil {
			journal.From(r.Context()).Cause = err
		}
		p.Waiting = waitingOf(all)
	}
	return sheets.Render(http.StatusOK, "done", p, "'none'")
}

// amend is the form again, with what is wrong beside the field.
func (s Service) amend(r *http.Request, name string, e *fault.Error) (dialect.Response, error) {
	u, err := s.newcomer(r)
	if err != nil {
		return dialect.Response{}, err
	}
	p := registerOf(u, r.PathValue("token"))
	p.Title, p.Name = "Error: "+p.Title, name
	p.Wrong[e.Field] = fields[e.Field] + " " + e.Message + "."
	return sheets.Render(http.StatusUnprocessableEntity, "register", p, "'self'")
}

// fields are what a form's fields are called.
var fields = map[string]string{"name": "The name", "password": "The password"}

var mailed = page.Notice{
	Heading: "Look into your mailbox",
	Text: "A link is on its way to the address that this document was shared with. It works once, and for 24 hours. " +
		"If it is not there in a few minutes, look among the unwanted mail, then go back and ask for it again.",
}

var registered = done{
	Heading: "You have registered",
	Text: "Now an administrator decides about your account. A mail tells you when it is decided. " +
		"Then open the link to the document again, and sign in with your address and your password.",
}

var passwordSet = done{
	Heading: "Your password is set",
	Text:    "Open the link to the document again, or find all that was shared with you: sign in with your address and this password.",
	SignIn:  handover.SignInPath,
}
