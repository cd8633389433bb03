package e2e

import (
	"encoding/json"
	"net/http"
	"slices"

	"github.com/rogpeppe/go-internal/testscript"
)

// message is a mail in the inbox.
type message struct {
	State   string
	From    string
	To      []string
	Subject string
	Text    string
	HTML    string
}

// cmdMail waits for a mail to an address. There is one person to an address
// in all stories, so the newest is the one that is meant.
func cmdMail(ts *testscript.TestScript, args []string) {
	want(ts, args, 1, 2)
	st := of(ts)
	var m message
	if !eventually(func() bool { return st.find(ts, args[0], &m) }) {
		ts.Fatalf("no mail to %s came", args[0])
	}
	body := m.Text
	if len(args) == 2 {
		if args[1] != "-html" {
			ts.Fatalf("unknown flag %s", args[1])
		}
		body = m.HTML
	}
	st.last = answer{
		header: http.Header{"From": {m.From}, "To": m.To, "Subject": {m.Subject}, "State": {m.State}},
		body:   []byte(body),
	}
}

func (st *story) find(ts *testscript.TestScript, address string, m *message) bool {
	a, err := st.stack.do(http.MethodGet, st.stack.inbox, http.Header{"Accept": {"application/json"}}, nil)
	ts.Check(err)
	var in struct{ Messages []message } // newest first
	ts.Check(json.Unmarshal(a.body, &in))
	i := slices.IndexFunc(in.Messages, func(m message) bool { return slices.Contains(m.To, address) })
	if i >= 0 {
		*m = in.Messages[i]
	}
	return i >= 0
}
