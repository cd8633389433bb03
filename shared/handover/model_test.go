package handover_test

import (
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"latchkey/shared/account"
	"latchkey/shared/fault"
	"latchkey/shared/file"
	"latchkey/shared/handover"
	"latchkey/shared/share"
	"latchkey/shared/table"
)

var onlySeed = flag.Uint64("seed", 0, "of the one run of TestModel to repeat")

// TestModel walks at random through sharing, registering, deciding, revoking,
// deleting and following, by two organizations and the same recipients, with
// mails that fail and requests that end half-way, and compares what is
// answered with what a model says that is much simpler than the system:
// 110,000 steps. -seed repeats one run.
//
// contract: SC-13, SC-14, SC-15, SC-16, SC-17, SC-18, SC-19, SC-20, FF-19, FF-20, FF-21, FF-23, FF-24, FF-26
func TestModel(t *testing.T) {
	const runs, steps = 110, 1000
	seen := map[string]int{}
	for seed := uint64(1); seed <= runs; seed++ {
		if *onlySeed != 0 && seed != *onlySeed {
			continue
		}
		m := newModel(t, seed)
		for range steps {
			if m.step(); t.Failed() {
				t.Fatalf("-seed %d, after:\n%s", seed, m.last())
			}
		}
		for what, n := range m.seen {
			seen[what] += n
		}
	}
	if *onlySeed != 0 {
		return
	}
	for _, what := range outcomes {
		if seen[what] < 50 {
			t.Errorf("%q came %d times: the walk does not get there", what, seen[what])
		}
	}
}

// outcomes are what the walk must have met.
var outcomes = []string{
	"share ", "share unavailable", "share again", "share anew", "share not_found", "share invalid",
	"share throttled", "share freed", "recruit ", "recruit invalid", "register ", "accept ", "accept conflict", "accept not_found",
	"decline ", "decline conflict", "revoke ", "revoke not_found", "revoke internal", "revoke last", "delete ", "delete last", "follow ", "follow sign-in", "follow decision", "follow not_found",
	"download ", "download unauthenticated", "download forbidden", "download conflict", "download not_found",
}

// person is a recipient as the model knows them.
type person struct {
	email   string
	id      string // "" of who has no account
	org     string
	joining account.Joining
	made    time.Time
}

// handed is a handover as the model knows it.
type handed struct {
	id, token    string
	sender       account.Principal
	file         int
	to           string // user id
	message      string
	revoked      bool
	gone         bool // with its file
	traced       bool // gone with its recipient
	mail         share.MailState
	documentName string
}

func (k *handed) live() bool { return !k.gone && !k.traced && !k.revoked }

type model struct {
	*world
	away    *meddled
	t       *testing.T
	r       *rand.Rand
	senders []account.Principal
	people  []*person
	files   []file.File // the last is the rival's
	made    []*handed
	former  []string       // ids of who was declined
	free    []string       // ids of who is no user any more, as nothing was shared with them
	told    map[string]int // how often a sender was told of an address elsewhere, by them and hour
	log     []string
	seen    map[string]int
}

func newModel(t *testing.T, seed uint64) *model {
	m := &model{t: t, r: rand.New(rand.NewPCG(seed, 7)), told: map[string]int{}, seen: map[string]int{}}
	m.world = newWorld(t, func(e table.Engine) table.Engine { m.away = &meddled{Engine: e, pk: "userid#"}; return m.away })
	colleague := m.member(t, account.Technician)
	m.senders = []account.Principal{m.Admin, m.member(t, account.SalesAgent), m.rival}
	m.people = []*person{{email: colleague.Email, id: colleague.User, org: m.Admin.Organization}}
	for _, name := range []string{"a", "b", "c", "d", "e"} {
		m.people = append(m.people, &person{email: name + "@new.test"})
	}
	m.files = []file.File{m.document(t, "0.pdf", asset), m.document(t, "1.pdf", asset), m.rivals("2.pdf")}
	return m
}

func (m *model) rivals(name string) file.File {
	return m.upload(m.t, m.rival, file.New{Name: name, ContentType: "application/pdf", Kind: file.AssetDocument, Assets: []string{asset}})
}

func (m *model) last() string {
	out := ""
	for _, line := range m.log[max(0, len(m.log)-25):] {
		out += line + "\n"
	}
	return out
}

// met notes what a step came to.
func (m *model) met(what string, of string, args ...any) {
	m.seen[what+" "+of]++
	m.log = append(m.log, fmt.Sprintf("%s %s %v", what, of, args))
}

// is compares an error with the kind that the model expects.
func (m *model) is(what string, err error, want fault.Kind, args ...any) bool {
	m.t.Helper()
	m.met(what, string(want), args...)
	if kindOf(err) != want {
		m.t.Errorf("%s%v: %v, want %q", what, args, err, want)
	}
	return !m.t.Failed() && err == nil
}

func pick[T any](r *rand.Rand, from []T) T { return from[r.IntN(len(from))] }

func (m *model) step() {
	m.Clock.Advance(time.Duration(m.r.IntN(5000)) * time.Millisecond)
	if m.r.IntN(150) == 0 {
		m.Clock.Advance(time.Hour)
	}
	switch n := m.r.IntN(100); {
	case n < 17:
		m.shares()
	case n < 20:
		m.recruits()
	case n < 25:
		m.registers()
	case n < 33:
		m.decides()
	case n < 39:
		m.revokes()
	case n < 40:
		m.deletes()
	case n < 75:
		m.follows()
	case n < 90:
		m.asks()
	default:
		m.lists()
	}
}

// holds reports whether anything is shared with somebody.
func (m *model) holds(p *person) bool {
	return slices.ContainsFunc(m.made, func(k *handed) bool { return k.to == p.id && k.live() })
}

// leaves is somebody who goes if they have not registered and hold nothing.
func (m *model) leaves(p *person) bool {
	if p == nil || p.joining != account.Invited || m.holds(p) {
		return false
	}
	m.free = append(m.free, p.id)
	*p = person{email: p.email}
	return true
}

// asked is what a sender is told who shares with somebody.
func (m *model) asked(sender account.Principal, p *person) fault.Kind {
	hour := sender.User + m.Clock.Now().Truncate(time.Hour).String()
	if p.id != "" && p.org == sender.Organization {
		return ""
	}
	if p.id != "" && m.Clock.Now().Sub(p.made) > time.Minute && m.leaves(p) {
		m.seen["share freed"]++
	}
	switch {
	case m.told[hour] >= handover.MaxElsewhere:
		return fault.Throttled
	case p.id == "":
		return ""
	}
	m.told[hour]++
	return fault.Invalid
}

func (m *model) shares() {
	sender, p, f := pick(m.r, m.senders), pick(m.r, m.people), m.r.IntN(2)
	if sender.User == m.rival.User {
		f = 2
	}
	message := fmt.Sprint(m.r.IntN(3))
	m.Post.Throttle = m.r.IntN(4) == 0
	defer func() { m.Post.Throttle = false }()
	letters := len(m.Post.Letters())
	want := m.asked(sender, p)
	refused := want != ""
	if m.Post.Throttle && !refused {
		want = fault.Unavailable
	}
	h, err := m.Handovers.Share(ctx, sender, handover.New{FileID: m.files[f].ID, AssetID: asset, Email: p.email, Message: message, Base: base})
	if m.is("share", err, want, p.email, f); refused {
		return
	}
	if p.id == "" {
		p.id, p.org, p.joining, p.made = h.Recipient, sender.Organization, account.Invited, m.Clock.Now()
	}
	var known *handed
	for _, k := range m.made {
		if !k.gone && !k.traced && k.sender.User == sender.User && k.file == f && k.to == p.id {
			if k.revoked {
				m.seen["share anew"]++
				continue
			}
			known = k
		}
	}
	if known == nil {
		known = &handed{id: h.ID, sender: sender, file: f, to: p.id, documentName: m.files[f].Name}
		m.made = append(m.made, known)
	} else {
		m.seen["share again"]++
	}
	known.message, known.mail = message, share.MailSent
	if m.Post.Throttle {
		known.mail = share.MailRejected
	} else if token := m.mailed(m.t); known.token == "" {
		known.token = token
	} else if known.token != token {
		m.t.Error("the same handover was mailed with another link")
	}
	if h.ID != known.id || h.Recipient != p.id || len(m.Post.Letters())-letters != map[bool]int{false: 1}[m.Post.Throttle] {
		m.t.Errorf("it is %s for %s, want %s for %s; %d letters", h.ID, h.Recipient, known.id, p.id, len(m.Post.Letters())-letters)
	}
}

// recruits is a request to share that ends before anything is shared.
func (m *model) recruits() {
	sender, p := pick(m.r, m.senders), pick(m.r, m.people)
	want := fault.Kind("")
	if p.id != "" && p.org != sender.Organization {
		want = fault.Invalid
	}
	u, made, err := m.Accounts.Recruit(ctx, sender, p.email)
	if m.is("recruit", err, want, p.email) && made != (p.id == "") {
		m.t.Errorf("%s: made is %v", p.email, made)
	}
	if made {
		p.id, p.org, p.joining, p.made = u.ID, sender.Organization, account.Invited, m.Clock.Now()
	}
}

func (m *model) registers() {
	p := pick(m.r, m.people)
	if p.id == "" || p.joining != account.Invited {
		return
	}
	token, err := m.Accounts.InviteToRegister(ctx, p.id)
	if err == nil {
		_, err = m.Accounts.Register(ctx, token, "Rita", "correct horse battery", "192.0.2.1")
	}
	if m.is("register", err, "", p.email) {
		p.joining = account.Waiting
	}
}

func (m *model) decides() {
	p, who, accept := pick(m.r, m.people), pick(m.r, []account.Principal{m.Admin, m.Admin, m.rival}), m.r.IntN(2) == 0
	id, org, want := p.id, p.org, fault.Conflict
	switch n := m.r.IntN(10); {
	case n == 0 && len(m.former) > 0:
		id, org = pick(m.r, m.former), m.Admin.Organization
	case n == 1 && len(m.free) > 0:
		id, org = pick(m.r, m.free), "none"
	case id == "":
		return
	}
	switch {
	case who.Organization != org:
		want = fault.NotFound
	case id == p.id && p.joining == account.Waiting:
		want = ""
	}
	if accept {
		if m.is("accept", m.Handovers.Accept(ctx, who, id, "technician", base), want, p.email) {
			p.joining = account.Accepted
		}
		return
	}
	if m.is("decline", m.Handovers.Decline(ctx, who, id, base), want, p.email) {
		for _, k := range m.made {
			if k.to == id && !k.gone {
				k.traced = true
			}
		}
		if org == m.Admin.Organization {
			m.former = append(m.former, id)
		}
		*p = person{email: p.email}
	}
}

func (m *model) revokes() {
	if len(m.made) == 0 {
		return
	}
	k, who := pick(m.r, m.made), pick(m.r, m.senders)
	fails := m.r.IntN(3) == 0
	if fails {
		m.away.by = func() error { return errors.New("the table is away") }
	}
	defer func() { m.away.by = nil }()
	err := m.Handovers.Revoke(ctx, who, k.id)
	if k.gone || k.traced || who.Organization != k.sender.Organization || who.User != k.sender.User && who.Role != account.Admin {
		m.is("revoke", err, fault.NotFound, k.id)
		return
	}
	k.revoked = true
	p := m.recipient(k)
	if fails && p != nil && p.joining == account.Invited && !m.holds(p) {
		m.is("revoke", err, fault.Internal, k.id)
		return
	}
	if m.is("revoke", err, "", k.id) && m.leaves(p) {
		m.seen["revoke last"]++
	}
}

func (m *model) deletes() {
	f := m.r.IntN(2)
	old := m.files[f]
	if m.is("delete", m.Files.Delete(ctx, m.Admin, old.ID), "", f) {
		for _, k := range m.made {
			if k.gone || k.traced || k.file != f {
				continue
			}
			k.gone = true
			if m.leaves(m.recipient(k)) {
				m.seen["delete last"]++
			}
		}
	}
	_, err := m.Handovers.Share(ctx, m.Admin, handover.New{FileID: old.ID, AssetID: asset, Email: m.people[0].email, Base: base})
	m.is("share", err, fault.NotFound, f)
	m.files[f] = m.document(m.t, old.Name, asset)
}
