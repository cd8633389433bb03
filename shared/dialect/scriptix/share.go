package scriptix

import (
	"net/http"
	"unicode/utf8"

	"latchkey/shared/dialect"
	"latchkey/shared/fault"
	"latchkey/shared/journal"
	"latchkey/shared/mail/address"
	"latchkey/shared/recording"
	"latchkey/shared/share"
)

// readBody reads a body that may repeat the path's ids.
func readBody(r *http.Request) (dialect.Object, error) {
	o, err := dialect.ReadJSON(r)
	if err != nil {
		return nil, err
	}
	return o, sameIDs(r, o)
}

// sameIDs refuses a body about something else than the path.
func sameIDs(r *http.Request, o dialect.Object) error {
	for name, id := range map[string]string{"sessionId": r.PathValue("session"), "documentId": r.PathValue("document")} {
		if v := o[name]; v != nil && v != id {
			return fault.Field(badParameter, name, "is another than the path's")
		}
	}
	return nil
}

func readShare(r *http.Request) (struct{}, error) {
	_, err := readBody(r)
	return struct{}{}, err
}

func (a API) share(r *http.Request, to recording.Access, _ struct{}) (dialect.Response, error) {
	_, token, err := a.Recordings.ShareDocument(r.Context(), to)
	if err != nil {
		return dialect.Response{}, err
	}
	return dialect.JSON(http.StatusOK, map[string]any{"result": map[string]string{"link": a.page(r, to, token)}})
}

func (a API) page(r *http.Request, to recording.Access, token string) string {
	return dialect.Origin(a.Origin, r) + share.DocumentPath(to.Document.ID, token)
}

type mailing struct {
	emails  []string
	message string
}

func readEmails(r *http.Request) (m mailing, err error) {
	o, err := readBody(r)
	if err != nil {
		return m, err
	}
	list, _, err := o.Array("emails", "emails")
	if err != nil {
		return m, err
	}
	if m.emails, err = addresses(list); err != nil {
		return m, err
	}
	if m.message, _, err = o.String("message", "message"); err != nil {
		return m, err
	}
	if utf8.RuneCountInString(m.message) > recording.MaxMessageLength {
		return m, fault.Field(fault.Invalid, "message", "ensure this value has at most %d characters", recording.MaxMessageLength)
	}
	return m, nil
}

// addresses returns each address once, or a fault that names every bad one.
func addresses(list []any) (out []string, err error) {
	if len(list) == 0 {
		return nil, dialect.Missing("emails")
	}
	var bad details
	seen := map[string]bool{}
	for i, v := range list {
		s, _ := v.(string)
		s, err := address.Parse(s)
		switch {
		case err != nil && len(bad) < 2*recording.MaxRecipients:
			bad = append(bad, detail{[]any{"body", "emails", i}, "value is not a valid email address", "value_error.email"})
		case err == nil && !seen[s]:
			seen[s] = true
			out = append(out, s)
		}
	}
	if bad != nil {
		return nil, fault.Wrap(fault.Invalid, bad, "some addresses are not valid")
	}
	if len(out) > recording.MaxRecipients {
		return nil, fault.Field(fault.Invalid, "emails", "ensure this value has at most %d items", recording.MaxRecipients)
	}
	return out, nil
}

type mailedJSON struct {
	Link    string   `json:"link"`
	Sent    []string `json:"emails_sent"`
	Success bool     `json:"success"`
}

// mail answers with what was accepted. What is put off or may be out counts
// as neither sent nor refused: a repeat would mail it twice.
func (a API) mail(r *http.Request, to recording.Access, m mailing) (dialect.Response, error) {
	done, err := a.Recordings.MailDocument(r.Context(), to, m.emails, m.message, dialect.Origin(a.Origin, r))
	if err != nil {
		return dialect.Response{}, err
	}
	journal.From(r.Context()).Cause = done.Unrecorded
	if !done.Accepted() {
		return dialect.Response{}, fault.New(fault.Unavailable, "no mail was accepted")
	}
	out := mailedJSON{Link: a.page(r, to, done.Token), Sent: []string{}}
	for _, d := range done.Deliveries {
		if d.State == share.MailSent {
			out.Sent = append(out.Sent, d.Recipient)
		}
	}
	out.Success = len(out.Sent) == len(done.Deliveries)
	return dialect.JSON(http.StatusOK, map[string]mailedJSON{"result": out})
}
