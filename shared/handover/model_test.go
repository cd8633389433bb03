package handover_test

import (
	"cmp"
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
)

var onlySeed = flag.Uint64("seed", 0, "of the one run of TestModel to repeat")

// TestModel walks at random through sharing, registering, deciding, revoking,
// deleting and following, and compares what is answered with what a model
// says that is much simpler than the system: 110,000 steps. -seed repeats one
// run.
//
// contract: SC-13, SC-14, SC-15, SC-16, SC-18, SC-19, SC-20, FF-19, FF-20, FF-21, FF-23, FF-24, FF-26
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
	"share ", "share unavailable", "share again", "share anew", "share not_found", "register ", "accept ", "accept conflict", "accept not_found",
	"decline ", "decline conflict", "revoke ", "revoke not_found", "delete ", "follow ", "follow sign-in", "follow decision", "follow not_found",
	"download ", "download unauthenticated", "download forbidden", "download conflict", "download not_found",
}

// person is a recipient as the model knows them.
type person struct {
	email   string
	id      string // "" of who has no account
	joining account.Joining
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

type model struct {
	*world
	t       *testing.T
	r       *rand.Rand
	senders []account.Principal
	people  []*person
	files   []file.File
	made    []*handed
	former  []string // ids of who was declined
	log     []string
	seen    map[string]int
}

func newModel(t *testing.T, seed uint64) *model {
	m := &model{world: newWorld(t, nil), t: t, r: rand.New(rand.NewPCG(seed, 7)), seen: map[string]int{}}
	colleague := m.member(t, account.Technician)
	m.senders = []account.Principal{m.Admin, m.member(t, account.SalesAgent)}
	m.people = []*person{{email: "a@new.test"}, {email: "b@new.test"}, {email: "c@new.test"}, {email: colleague.Email, id: colleague.User}}
	m.files = []file.File{m.document(t, "0.pdf", asset), m.document(t, "1.pdf", asset)}
	return m
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
	switch n := m.r.IntN(100); {
	case n < 20:
		m.shares()
	case n < 26:
		m.registers()
	case n < 36:
		m.decides()
	case n < 40:
		m.revokes()
	case n < 41:
		m.deletes()
	case n < 75:
		m.follows()
	case n < 90:
		m.asks()
	default:
		m.lists()
	}
}

func (m *model) shares() {
	sender, p, f := pick(m.r, m.senders), pick(m.r, m.people), m.r.IntN(len(m.files))
	message := fmt.Sprint(m.r.IntN(3))
	m.Post.Throttle = m.r.IntN(4) == 0
	letters := len(m.Post.Letters())
	h, err := m.Handovers.Share(ctx, sender, handover.New{FileID: m.files[f].ID, AssetID: asset, Email: p.email, Message: message, Base: base})
	want := fault.Kind("")
	if m.Post.Throttle {
		want = fault.Unavailable
	}
	m.is("share", err, want, p.email, f)
	if p.id == "" {
		p.id, p.joining = h.Recipient, account.Invited
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
	m.Post.Throttle = false
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
	id := p.id
	if id == "" || len(m.former) > 0 && m.r.IntN(5) == 0 {
		if len(m.former) == 0 {
			return
		}
		id = pick(m.r, m.former)
	}
	want := fault.Conflict
	switch {
	case who.User == m.rival.User:
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
			if k.to == id {
				k.traced = true
			}
		}
		m.former = append(m.former, id)
		p.id, p.joining = "", ""
	}
}

func (m *model) revokes() {
	if len(m.made) == 0 {
		return
	}
	k, who := pick(m.r, m.made), pick(m.r, append(m.senders, m.rival))
	want := fault.Kind("")
	if k.gone || k.traced || who.User == m.rival.User || who.User != k.sender.User && who.Role != account.Admin {
		want = fault.NotFound
	}
	if m.is("revoke", m.Handovers.Revoke(ctx, who, k.id), want, k.id) {
		k.revoked = true
	}
}

func (m *model) deletes() {
	f := m.r.IntN(len(m.files))
	old := m.files[f]
	if m.is("delete", m.Files.Delete(ctx, m.Admin, old.ID), "", f) {
		for _, k := range m.made {
			k.gone = k.gone || k.file == f && !k.traced
		}
	}
	_, err := m.Handovers.Share(ctx, m.Admin, handover.New{FileID: old.ID, AssetID: asset, Email: m.people[0].email, Base: base})
	m.is("share", err, fault.NotFound, f)
	m.files[f] = m.document(m.t, old.Name, asset)
}

// recipient is who a handover is for, or nil when they were declined.
func (m *model) recipient(k *handed) *person {
	i := slices.IndexFunc(m.people, func(p *person) bool { return p.id == k.to })
	if i < 0 {
		return nil
	}
	return m.people[i]
}

func (m *model) follows() {
	if len(m.made) == 0 {
		return
	}
	k := pick(m.r, m.made)
	if k.token == "" {
		return
	}
	p := m.recipient(k)
	over := k.gone || k.traced || k.revoked
	v, err := m.Handovers.Follow(ctx, k.token)
	if over {
		m.is("follow", err, fault.NotFound, k.id)
		if errors.Is(err, handover.ErrRevoked) != (k.revoked && !k.gone && !k.traced) {
			m.t.Errorf("%s: %v", k.id, err)
		}
	} else {
		need := map[account.Joining]share.Need{account.Invited: share.Nothing, account.Waiting: share.Decision}
		want, ok := need[p.joining]
		if !ok {
			want = share.SignIn
		}
		m.met("follow", string(want), k.id)
		if err != nil || v.Needs != want || v.Handover.ID != k.id || v.Handover.Message != k.message || v.Handover.Mail != k.mail {
			m.t.Errorf("%s: %+v, %v, want %q", k.id, v, err, want)
		}
	}
	who := pick(m.r, []account.Principal{{}, m.Admin, {Organization: m.Admin.Organization, User: k.to}, {Organization: m.rival.Organization, User: k.to}})
	want := fault.Kind("")
	switch {
	case over:
		want = fault.NotFound
	case p.joining == account.Invited:
	case p.joining == account.Waiting:
		want = fault.Conflict
	case who.User == "":
		want = fault.Unauthenticated
	case who.User != k.to || who.Organization != m.Admin.Organization:
		want = fault.Forbidden
	}
	url, err := m.Handovers.Download(ctx, k.token, who, visit)
	if m.is("download", err, want, k.id) != (url != "") {
		m.t.Errorf("%s: the URL is %q", k.id, url)
	}
}

// asks compares the public states.
func (m *model) asks() {
	if len(m.made) == 0 {
		return
	}
	k, p := pick(m.r, m.made), pick(m.r, m.people)
	joining, h, err := m.Handovers.StateOf(ctx, k.to, k.id)
	switch stands := m.recipient(k); {
	case k.gone || k.revoked && !k.traced:
		m.is("state of", err, fault.NotFound, k.id)
	case k.traced:
		if err != nil || joining != account.Declined || h.AssetID != asset || h.Target.FileID == "" {
			m.t.Errorf("%s: %s %+v, %v", k.id, joining, h, err)
		}
	case err != nil || joining != stands.joining || h.AssetID != asset || h.Target.FileID != m.files[k.file].ID:
		m.t.Errorf("%s: %s %+v, %v, want %s", k.id, joining, h, err, stands.joining)
	}
	if p.id == "" {
		return
	}
	got, err := m.Handovers.State(ctx, p.id)
	var want []string
	if p.joining == account.Waiting {
		want = m.ids(func(k *handed) bool { return k.to == p.id && !k.gone && !k.revoked })
	}
	if err != nil || !slices.Equal(idsOf(got), want) {
		m.t.Errorf("%s: %v, %v, want %v", p.email, idsOf(got), err, want)
	}
}

func (m *model) ids(which func(*handed) bool) (ids []string) {
	for _, k := range m.made {
		if which(k) {
			ids = append(ids, k.id)
		}
	}
	slices.Sort(ids)
	return ids
}

func idsOf(all []handover.Handover) (ids []string) {
	for _, h := range all {
		ids = append(ids, h.ID)
	}
	return ids
}

// lists compares what a sender sent and what waits for a decision.
func (m *model) lists() {
	sender := pick(m.r, m.senders)
	got, total, err := m.Handovers.Sent(ctx, sender, 1, 50)
	want := m.ids(func(k *handed) bool { return k.sender.User == sender.User && !k.gone && !k.traced })
	slices.Reverse(want)
	if ids := idsOf(got); err != nil || total != len(want) || !slices.Equal(ids, want[:min(50, len(want))]) {
		m.t.Errorf("sent: %v of %d, %v, want %v", ids, total, err, want)
	}
	pending, err := m.Handovers.Pending(ctx, m.Admin, m.Admin.Organization)
	var waiting []*person
	for _, p := range m.people {
		if p.id != "" && p.joining == account.Waiting {
			waiting = append(waiting, p)
		}
	}
	slices.SortFunc(waiting, func(a, b *person) int { return cmp.Compare(a.id, b.id) })
	if err != nil || len(pending) != len(waiting) {
		m.t.Fatalf("pending: %+v, %v, want %d", pending, err, len(waiting))
	}
	for i, p := range waiting {
		want := m.ids(func(k *handed) bool { return k.to == p.id && !k.gone && !k.revoked })
		if pending[i].Recipient.ID != p.id || !slices.Equal(idsOf(pending[i].Handovers), want) {
			m.t.Errorf("pending: %s %v, want %s %v", pending[i].Recipient.ID, idsOf(pending[i].Handovers), p.id, want)
		}
	}
}
