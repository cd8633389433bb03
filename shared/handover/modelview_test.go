package handover_test

import (
	"cmp"
	"errors"
	"slices"

	"latchkey/shared/account"
	"latchkey/shared/fault"
	"latchkey/shared/handover"
	"latchkey/shared/share"
)

// The steps of the model that look.

// recipient is who a handover is for, or nil when they have no account any more.
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
	over := !k.live()
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
	who := pick(m.r, []account.Principal{{}, m.Admin, {Organization: k.sender.Organization, User: k.to}, {Organization: "another", User: k.to}})
	want := fault.Kind("")
	switch {
	case over:
		want = fault.NotFound
	case p.joining == account.Invited:
	case p.joining == account.Waiting:
		want = fault.Conflict
	case who.User == "":
		want = fault.Unauthenticated
	case who.User != k.to || who.Organization != k.sender.Organization:
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
	case k.gone || k.revoked && !k.traced || stands == nil && !k.traced:
		m.is("state of", err, fault.NotFound, k.id)
	case k.traced:
		if err != nil || joining != account.Declined || h.AssetID != asset || h.Target.FileID == "" {
			m.t.Errorf("%s: %s %+v, %v", k.id, joining, h, err)
		}
	case err != nil || joining != stands.joining || h.AssetID != asset || h.Target.FileID != m.files[k.file].ID:
		m.t.Errorf("%s: %s %+v, %v, want %s", k.id, joining, h, err, stands.joining)
	}
	if len(m.free) > 0 {
		_, err := m.Handovers.State(ctx, pick(m.r, m.free))
		m.is("state", err, fault.NotFound)
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
	who := pick(m.r, []account.Principal{m.Admin, m.rival})
	pending, err := m.Handovers.Pending(ctx, who, who.Organization)
	var waiting []*person
	for _, p := range m.people {
		if p.org == who.Organization && p.joining == account.Waiting {
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
