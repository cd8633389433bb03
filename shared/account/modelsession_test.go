package account_test

import (
	"strings"
	"time"

	"latchkey/shared/account"
	"latchkey/shared/fault"
)

// The steps of the model that are about sessions.

func (m *model) signIn() {
	email, password := m.email(), m.password()
	if p := m.here(email); p != nil && p.password != "" && m.r.IntN(2) == 0 {
		password = p.password
	}
	m.signInAs(email, password, m.visitor())
}

func (m *model) signInAs(email, password string, v account.Visitor) {
	p := m.here(email)
	all := "sign-in " + string(v)
	here := all + " " + email
	now := m.Clock.Now()
	busy := m.tries[all+m.window()] >= 180
	want := fault.Kind("")
	switch {
	case m.tries[here+m.window()] >= 30, busy && !now.Before(m.familiar[here]):
		want = fault.Throttled
	case p == nil || p.password != password || !p.signsIn():
		want = fault.Unauthenticated
		m.tries[here+m.window()] += 6
		if !busy {
			m.tries[all+m.window()] += 6
		}
	default:
		if busy {
			m.seen["sign-in familiar"]++
		}
		if m.familiar[here].Before(now.Add(29 * 24 * time.Hour)) {
			m.familiar[here] = now.Add(account.FamiliarFor)
		}
	}
	got, err := m.Accounts.SignIn(ctx, strings.ToUpper(email), password, v)
	if m.expect("sign-in", email+" as "+string(v), err, want) {
		m.keep(got, &session{of: p, passwords: p.passwords, until: m.Clock.Now().Add(account.SessionFor)})
	}
}

func (m *model) keep(got account.Session, s *session) {
	now := m.Clock.Now()
	end := func(d time.Duration) time.Time {
		if t := now.Add(d); t.Before(s.until) {
			return t
		}
		return s.until
	}
	a, r := &bearer{token: got.Access, of: s, until: end(account.AccessFor)}, &bearer{token: got.Refresh, of: s, until: end(account.RefreshFor)}
	if got.User.ID != s.of.id || !got.AccessUntil.Equal(a.until) || !got.RefreshUntil.Equal(r.until) {
		m.t.Errorf("session %+v", got)
	}
	m.accesses, m.refreshes = append(m.accesses, a), append(m.refreshes, r)
}

func (m *model) refresh() {
	b := choose(m, m.refreshes)
	if b == nil {
		return
	}
	want := fault.Unauthenticated
	if b.good(m.Clock.Now()) {
		want = ""
	}
	if b.spent && !b.of.ended {
		m.seen["refresh reused"]++
	}
	b.of.ended = b.of.ended || b.spent
	got, err := m.Accounts.Refresh(ctx, b.token)
	if m.expect("refresh", b.of.of.email, err, want) {
		b.spent = true
		m.keep(got, b.of)
	}
}

func (m *model) access() {
	b := choose(m, m.accesses)
	if b == nil {
		return
	}
	want := fault.Unauthenticated
	if b.good(m.Clock.Now()) {
		want = ""
	}
	who, err := m.Accounts.Authenticate(ctx, b.token)
	if m.expect("access", b.of.of.email, err, want) && who.User != b.of.of.id {
		m.t.Errorf("access of %s: %+v", b.of.of.email, who)
	}
}

func (m *model) signOut() {
	if b := choose(m, m.refreshes); b != nil {
		m.expect("sign-out", b.of.of.email, m.Accounts.SignOut(ctx, b.token), "")
		b.of.ended = true
	}
}
