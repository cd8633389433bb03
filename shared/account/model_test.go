package account_test

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"latchkey/shared/account"
	"latchkey/shared/fake"
	"latchkey/shared/fault"
)

var onlySeed = flag.Uint64("seed", 0, "of the one run of TestModel to repeat")

// TestModel walks at random through recruiting, registering, deciding,
// signing in, guessing and refreshing, in a time that moves, and compares
// every answer with what a model says that is much simpler than the system:
// 48,000 steps. -seed repeats one run.
//
// contract: FF-19, FF-20, FF-21, FF-26
func TestModel(t *testing.T) {
	const runs, steps = 24, 2000
	seen := map[string]int{}
	for seed := uint64(1); seed <= runs; seed++ {
		if *onlySeed != 0 && seed != *onlySeed {
			continue
		}
		m := newModel(t, seed)
		for range steps {
			if m.step(); t.Failed() {
				t.Fatalf("-seed %d, after:\n%s", seed, strings.Join(m.told[max(0, len(m.told)-30):], "\n"))
			}
		}
		for what, n := range m.seen {
			seen[what] += n
		}
	}
	for _, what := range outcomes {
		if *onlySeed == 0 && seen[what] < 50 {
			t.Errorf("%q came %d times: the walk does not get there", what, seen[what])
		}
	}
}

// outcomes are what the walk must have met.
var outcomes = []string{
	"recruit new", "recruit again", "offer ", "offer conflict", "offer throttled", "offer not_found",
	"register ", "register not_found", "register invalid", "register throttled", "accept ", "accept conflict", "accept not_found",
	"decline ", "decline conflict", "decline not_found", "release ", "release stale", "sign-in ", "sign-in unauthenticated", "sign-in throttled", "sign-in familiar",
	"refresh ", "refresh unauthenticated", "refresh reused", "access ", "access unauthenticated", "sign-out ", "role ",
}

// person is a user as the model knows them. One who is declined stays, gone.
type person struct {
	email, id, password string
	joining             account.Joining
	disabled            bool
	passwords, offered  int
	goneUntil           time.Time
}

func (p *person) signsIn() bool { return p.joining == account.Accepted && !p.disabled }

// offered is a one-time token, session one sign-in, and bearer a token of one.
type offered struct {
	token string
	of    *person
	until time.Time
	over  bool
	n     int // of those of them
}

type session struct {
	of        *person
	passwords int
	until     time.Time
	ended     bool
}

type bearer struct {
	token string
	of    *session
	until time.Time
	spent bool
}

func (b *bearer) good(now time.Time) bool {
	s := b.of
	return !s.ended && !b.spent && now.Before(b.until) && s.passwords == s.of.passwords && s.of.signsIn()
}

type model struct {
	*fake.Stack
	t         *testing.T
	r         *rand.Rand
	people    []*person // all that there ever were
	offers    []*offered
	refreshes []*bearer
	accesses  []*bearer
	tries     map[string]int       // units by name and window
	familiar  map[string]time.Time // who signed in from where, until when they are known
	told      []string
	seen      map[string]int
}

func newModel(t *testing.T, seed uint64) *model {
	return &model{
		Stack: fake.NewStack(t, nil), t: t, r: rand.New(rand.NewPCG(seed, 0)),
		tries: map[string]int{}, familiar: map[string]time.Time{}, seen: map[string]int{},
	}
}

func (m *model) step() {
	steps := []func(){
		m.recruit, m.offer, m.offer, m.register, m.register, m.accept, m.accept, m.decline, m.release, m.signIn, m.signIn, m.signIn, m.signIn,
		m.refresh, m.refresh, m.access, m.access, m.signOut, m.role, m.wait, m.wait, m.look,
	}
	if m.r.IntN(100) == 0 {
		m.guess()
	}
	steps[m.r.IntN(len(steps))]()
}

// guess is a visitor who tries a lot.
func (m *model) guess() {
	v, unknown := m.visitor(), &offered{token: strings.Repeat("x", 27), of: &person{}, over: true}
	register := m.r.IntN(2) == 0
	for range 35 {
		if register {
			m.registerWith(unknown, m.password(), v)
		} else {
			m.signInAs(fmt.Sprintf("q%d@new.test", m.r.IntN(20)), "what a guess", v)
		}
	}
}

// expect compares the kind of an error.
func (m *model) expect(what, detail string, err error, want fault.Kind) bool {
	m.t.Helper()
	got := fault.Kind("")
	if err != nil {
		got = fault.As(err).Kind
	}
	m.told = append(m.told, fmt.Sprintf("%s %s %s: %s", m.Clock.Now().Format(time.TimeOnly), what, detail, got))
	m.seen[what+" "+string(got)]++
	if got != want {
		m.t.Errorf("%s %s: %v, want %q", what, detail, err, want)
	}
	return err == nil
}

func choose[T any](m *model, all []T) (v T) {
	if len(all) == 0 {
		return v
	}
	// Mostly one of the newest: the old ones are over.
	if m.r.IntN(4) > 0 {
		all = all[max(0, len(all)-6):]
	}
	return all[m.r.IntN(len(all))]
}

func (m *model) email() string { return fmt.Sprintf("p%d@new.test", m.r.IntN(6)) }

func (m *model) visitor() account.Visitor {
	return account.Visitor(fmt.Sprintf("192.0.2.%d", m.r.IntN(3)))
}

func (m *model) password() string { return fmt.Sprintf("the password %d", m.r.IntN(3)) }

// here is who has an address, or nil.
func (m *model) here(email string) *person {
	i := slices.IndexFunc(m.people, func(p *person) bool { return p.email == email && p.joining != account.Declined })
	if i < 0 {
		return nil
	}
	return m.people[i]
}

// somebody is anybody of the past and present, or nobody.
func (m *model) somebody() *person {
	if p := choose(m, m.people); p != nil && m.r.IntN(20) > 0 {
		return p
	}
	return &person{id: "00000000-0000-0000-0000-000000000000", joining: account.Declined}
}

func (m *model) known(p *person) bool {
	return p.joining != account.Declined || m.Clock.Now().Before(p.goneUntil)
}

func (m *model) window() string { return m.Clock.Now().Truncate(account.AttemptWindow).String() }

// try counts an attempt under names unless one has reached its limit.
func (m *model) try(limits map[string]int) (ok bool) {
	for name, most := range limits {
		if m.tries[name+m.window()] >= most {
			return false
		}
	}
	for name := range limits {
		m.tries[name+m.window()]++
	}
	return true
}

func (m *model) wait() {
	d := []time.Duration{time.Second, time.Minute, 5 * time.Minute, 20 * time.Minute, 7 * time.Hour, 26 * time.Hour, 31 * 24 * time.Hour}
	i := min(m.r.IntN(len(d)), m.r.IntN(len(d)), m.r.IntN(len(d)))
	m.Clock.Advance(d[i])
	m.told = append(m.told, "wait "+d[i].String())
}

func (m *model) recruit() {
	email := m.email()
	p := m.here(email)
	u, created, err := m.Accounts.Recruit(ctx, m.Admin, email)
	m.expect("recruit", email, err, "")
	if created != (p == nil) || p != nil && u.ID != p.id {
		m.t.Errorf("recruit %s: %+v, %v, want %+v", email, u, created, p)
	}
	if created {
		m.seen["recruit new"]++
		m.people = append(m.people, &person{email: email, id: u.ID, joining: account.Invited})
	} else {
		m.seen["recruit again"]++
	}
}

func (m *model) offer() {
	p := m.somebody()
	limits := map[string]int{"offer " + p.id: 5, "offer " + p.id + m.Clock.Now().Truncate(time.Minute).String(): 1}
	want := fault.Kind("")
	switch {
	case !m.known(p):
		want = fault.NotFound
	case p.joining != account.Invited && !p.signsIn():
		want = fault.Conflict
	case !m.try(limits):
		want = fault.Throttled
	}
	token, err := m.Accounts.InviteToRegister(ctx, p.id)
	if !m.expect("offer", p.email, err, want) {
		return
	}
	p.offered++
	for _, o := range m.offers {
		o.over = o.over || o.of == p && o.n <= p.offered-10
	}
	m.offers = append(m.offers, &offered{token: token, of: p, until: m.Clock.Now().Add(account.RegisterFor), n: p.offered})
}

func (m *model) register() {
	o := choose(m, m.offers)
	if o == nil || m.r.IntN(8) == 0 {
		o = &offered{token: strings.Repeat("x", 27), of: &person{}, over: true}
	}
	password := m.password()
	if m.r.IntN(10) == 0 {
		password = "short"
	}
	m.registerWith(o, password, m.visitor())
}

func (m *model) registerWith(o *offered, password string, v account.Visitor) {
	want := fault.Kind("")
	switch none := o.over || !m.Clock.Now().Before(o.until) || o.of.joining != account.Invited && !o.of.signsIn(); {
	case none && !m.try(map[string]int{"register " + string(v): 30}):
		want = fault.Throttled
	case none:
		want = fault.NotFound
	case password == "short":
		want = fault.Invalid
	}
	u, err := m.Accounts.Register(ctx, o.token, "Rita", password, v)
	if !m.expect("register", o.of.email+" as "+string(v), err, want) {
		return
	}
	for _, other := range m.offers {
		other.over = other.over || other.of == o.of
	}
	o.of.password, o.of.passwords = password, o.of.passwords+1
	if o.of.joining == account.Invited {
		o.of.joining = account.Waiting
	}
	if u.Joining != o.of.joining || u.Name != "Rita" {
		m.t.Errorf("registered: %+v", u)
	}
}

// decision is what is said to who decides about somebody.
func (m *model) decision(p *person) fault.Kind {
	switch {
	case !m.known(p):
		return fault.NotFound
	case p.joining != account.Waiting:
		return fault.Conflict
	}
	return ""
}

func (m *model) accept() {
	p := m.somebody()
	want := m.decision(p)
	if _, err := m.Accounts.Accept(ctx, m.Admin, p.id, "technician"); m.expect("accept", p.email, err, want) {
		p.joining = account.Accepted
	}
}

func (m *model) decline() {
	p := m.somebody()
	want := m.decision(p)
	if _, err := m.Accounts.Decline(ctx, m.Admin, p.id); m.expect("decline", p.email, err, want) {
		p.joining, p.goneUntil = account.Declined, m.Clock.Now().Add(account.DeclinedFor)
	}
}

// release is of who holds nothing, as whoever asks has found.
func (m *model) release() {
	p := m.somebody()
	u, err := m.Accounts.Joining(ctx, p.id)
	if !m.known(p) {
		m.expect("joining", p.email, err, fault.NotFound)
		return
	}
	want := fault.Stale
	if p.joining == account.Invited {
		want = ""
	}
	if m.expect("release", p.email, m.Accounts.Release(ctx, u), want) {
		p.joining = account.Declined // and known no longer
	}
}

func (m *model) role() {
	p := m.somebody()
	if p.joining != account.Accepted {
		return
	}
	role := map[bool]string{true: "disabled", false: "technician"}[m.r.IntN(3) == 0]
	_, err := m.Accounts.ChangeRole(ctx, m.Admin, p.id, role)
	m.expect("role", p.email+" "+role, err, "")
	p.disabled = role == "disabled"
}

// look compares where everybody stands.
func (m *model) look() {
	for _, p := range m.people[max(0, len(m.people)-10):] {
		u, err := m.Accounts.Joining(ctx, p.id)
		switch {
		case !m.known(p):
			if !fault.Is(err, fault.NotFound) {
				m.t.Errorf("%s is %+v, %v", p.id, u, err)
			}
		case err != nil || u.Joining != p.joining || (u.State == account.Active) != (p.joining == account.Accepted):
			m.t.Errorf("%s is %+v, %v, want %s", p.email, u, err, p.joining)
		case p.joining == account.Declined && u.Email+u.Name != "":
			m.t.Errorf("of who was declined is known %+v", u)
		}
	}
	waiting, err := m.Accounts.Waiting(ctx, m.Admin)
	n := 0
	for _, p := range m.people {
		if p.joining == account.Waiting {
			n++
		}
	}
	if err != nil || len(waiting) != n {
		m.t.Errorf("%d wait, %v, want %d", len(waiting), err, n)
	}
}
