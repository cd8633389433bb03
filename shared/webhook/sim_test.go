package webhook_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"latchkey/shared/account"
	"latchkey/shared/file"
	"latchkey/shared/job"
	"latchkey/shared/store"
	"latchkey/shared/webhook"
)

// waits is the schedule as the issue has it.
var waits = []time.Duration{
	5 * time.Second, 5 * time.Minute, 30 * time.Minute, 2 * time.Hour, 5 * time.Hour, 10 * time.Hour, 14 * time.Hour, 20 * time.Hour, 24 * time.Hour,
}

// hook is a webhook of a story, with what its owner knows.
type hook struct {
	webhook.Webhook
	given   string
	secrets []string    // ours, the newest last
	since   []time.Time // each signs
	server  *server
}

// told is an event that happened.
type told struct {
	webhook.Announcement
	at time.Time
}

// tale is one seed's story.
type tale struct {
	*world
	hooks  []*hook
	events []told
}

// TestDeliveries tells 1,000 stories in which the table fails, messages are
// lost or come twice, workers die at any moment, servers are down, ask for
// time or want no more, and secrets are rotated. Nothing is lost: each event
// comes to each webhook that wants it as one delivery, under one id and with
// one body, at the times of the schedule, and what is dead can be replayed.
//
// contract: SX-059, SX-195, SX-199, SX-200, SX-201, SX-202, SX-203, SX-204
func TestDeliveries(t *testing.T) {
	var posts, delivered, failed, disabled int
	for seed := range uint64(1000) {
		s := &tale{world: newWorld(t, seed)}
		s.begin()
		s.pass(fmt.Sprint("seed ", seed))
		for _, d := range s.deliveries() {
			switch d.State {
			case webhook.Delivered:
				delivered++
			case webhook.Failed:
				failed++
			case webhook.Disabled:
				disabled++
			}
		}
		s.revive(fmt.Sprint("seed ", seed))
		posts += len(s.posts)
		if t.Failed() {
			return
		}
	}
	t.Logf("%d posts; delivered %d, failed %d, disabled %d", posts, delivered, failed, disabled)
	if min(delivered, failed, disabled) < 100 {
		t.Error("the stories are too much alike")
	}
}

// begin sets up webhooks, and what is going to happen in the first day.
func (s *tale) begin() {
	for i := range 1 + s.dice.IntN(3) {
		url := fmt.Sprintf("https://%d.example/hook", i)
		s.servers[url] = s.newServer()
		h := &hook{server: s.servers[url]}
		events := slices.Clone(webhook.Events())
		s.dice.Shuffle(len(events), func(i, j int) { events[i], events[j] = events[j], events[i] })
		change := webhook.Change{URL: &url, Events: events[:1+s.dice.IntN(4)]}
		if s.dice.IntN(2) == 0 {
			h.given = fmt.Sprint("given ", i)
			change.Secret = &h.given
		}
		made, err := s.service.Create(s.t.Context(), admin, change, account.Once{})
		if err != nil {
			s.t.Fatal(err)
		}
		h.Webhook, h.secrets, h.since = made.Webhook, []string{made.Secret}, []time.Time{s.clock.Now()}
		s.hooks = append(s.hooks, h)
	}
	for i := range 1 + s.dice.IntN(4) {
		id := fmt.Sprintf("rec%05d", i)
		s.media[id] = fmt.Sprintf(`{"id":"%s","name":"Film %d"}`, id, i)
		if s.dice.IntN(2) == 0 {
			s.calls[id] = "https://back.example/" + id
			s.servers[s.calls[id]] = s.newServer()
		}
		kinds := append(webhook.Events(), webhook.TranscriptionFailed)
		a := webhook.Announcement{ID: s.service.IDs.UUID(), Event: kinds[s.dice.IntN(len(kinds))], Recording: id}
		s.events = append(s.events, told{a, s.clock.Now().Add(time.Duration(s.dice.IntN(24*3600)) * time.Second)})
	}
}

func (s *tale) newServer() *server {
	n := &server{taking: map[string]int{}, fails: []int{0, 0, 1, 2, 5, 9, -1}[s.dice.IntN(7)]}
	n.gone = n.fails >= 0 && s.dice.IntN(5) == 0
	return n
}

// pass lets everything happen until nothing is left to do, and judges it.
func (s *tale) pass(name string) {
	jobs := store.Jobs{Table: s.memory, Now: s.clock.Now}
	slices.SortFunc(s.events, func(a, b told) int { return a.at.Compare(b.at) })
	s.chaos.calm = false
	for i, e := range s.events {
		for s.step(e.at) {
		}
		s.wait(e.at)
		if i == len(s.events)/2 {
			s.rotate()
		}
		j := e.Job(admin)
		if err := jobs.Add(s.t.Context(), j); err != nil {
			s.t.Fatal(err)
		}
		// The stream tells of it, if it does.
		s.alive(func() error { return s.jobs.Tell(s.t.Context(), []job.Job{j}) })
	}
	s.drain()
	s.chaos.calm = true
	s.judge(name)
}

func (s *tale) drain() {
	for n := 0; s.step(s.clock.Now().AddDate(1, 0, 0)); n++ {
		if n > 10_000 {
			s.t.Fatal("it never ends")
		}
	}
}

func (s *tale) rotate() {
	for _, h := range s.hooks {
		made, err := s.service.Rotate(s.t.Context(), admin, h.ID, account.Once{})
		if err != nil {
			s.t.Fatal(err)
		}
		h.secrets, h.since = append(h.secrets, made.Secret), append(h.since, s.clock.Now())
	}
}

// deliveries are all there are.
func (s *tale) deliveries() (all []webhook.Delivery) {
	places := []string{webhook.Callbacks}
	for _, h := range s.hooks {
		places = append(places, h.ID)
	}
	for _, place := range places {
		list, next, err := s.service.Deliveries(s.t.Context(), admin, place, file.Page{Limit: 100})
		if err != nil || next != "" {
			s.t.Fatal(next, err)
		}
		all = append(all, list...)
	}
	return all
}

// judge holds what has become of everything against what was to become of it.
func (s *tale) judge(name string) {
	want := map[string]string{} // bodies, by place and id
	for _, e := range s.events {
		for _, h := range s.hooks {
			if slices.Contains(h.Events, e.Event) {
				want[h.ID+e.ID] = fmt.Sprintf(`{"event":"%s","data":{"media_id":"%s",%s}`, e.Event, e.Recording, s.media[e.Recording][1:])
			}
		}
		if s.calls[e.Recording] != "" && (e.Event == webhook.TranscriptionFinished || e.Event == webhook.TranscriptionFailed) {
			want[webhook.Callbacks+e.ID] = s.media[e.Recording]
		}
	}
	seen := map[string]bool{}
	for _, d := range s.deliveries() {
		key := d.Webhook + d.ID
		if seen[key] || want[key] == "" {
			s.t.Errorf("%s: a delivery too many: %+v", name, d)
		}
		seen[key] = true
		s.judgeOne(name, d, want[key])
	}
	for _, h := range s.hooks {
		w, err := s.service.Get(s.t.Context(), admin, h.ID)
		if err != nil {
			s.t.Fatal(err)
		}
		for _, e := range s.events { // what came after a webhook was disabled is not wanted
			if !w.Disabled && want[h.ID+e.ID] != "" && !seen[h.ID+e.ID] {
				s.t.Errorf("%s: %s never came to %s", name, e.Event, h.URL)
			}
		}
	}
	for _, e := range s.events {
		if want[webhook.Callbacks+e.ID] != "" && !seen[webhook.Callbacks+e.ID] {
			s.t.Errorf("%s: %s was never called back", name, e.Recording)
		}
	}
}

// at are the requests that a delivery came as.
func (s *tale) at(d webhook.Delivery) (list []*posted, h *hook) {
	url := d.URL
	for _, one := range s.hooks {
		if one.ID == d.Webhook {
			url, h = one.URL, one
		}
	}
	for _, p := range s.posts {
		if p.id == d.ID && p.url == url {
			list = append(list, p)
		}
	}
	return list, h
}

func (s *tale) judgeOne(name string, d webhook.Delivery, body string) {
	posts, h := s.at(d)
	noted, took := 0, false
	for i, p := range posts {
		if p.body != body {
			s.t.Errorf("%s: sent %s, want %s", name, p.body, body)
		}
		took = took || p.status/100 == 2
		s.judgeSignature(name, p, h)
		if i > 0 {
			s.judgeGap(name, posts[i-1], p, noted)
		}
		if p.noted {
			noted++
		}
	}
	switch d.State {
	case webhook.Delivered:
		if !took {
			s.t.Errorf("%s: delivered to nobody: %+v", name, d)
		}
	case webhook.Failed:
		if noted != len(waits)+1 {
			s.t.Errorf("%s: given up after %d attempts: %+v", name, noted, d)
		}
	case webhook.Disabled:
		if h == nil && posts[len(posts)-1].status != 410 {
			s.t.Errorf("%s: nobody said 410: %+v", name, d)
		}
		if w, err := s.service.Get(s.t.Context(), admin, d.Webhook); h != nil && (err != nil || !w.Disabled || w.Reason == "") {
			s.t.Errorf("%s: its webhook is not disabled: %+v, %v", name, w, err)
		}
	default:
		s.t.Errorf("%s: it is still %s: %+v", name, d.State, d)
	}
}

// judgeGap: after an attempt that was noted the next one comes as scheduled,
// up to what sweep, a lease and trouble with the table add; after another one
// it is that attempt again.
func (s *tale) judgeGap(name string, last, p *posted, noted int) {
	if !last.noted {
		return
	}
	least := max(waits[noted-1], min(last.retry, 24*time.Hour))
	most := max(waits[noted-1]*11/10, least) + 8*time.Hour
	if gap := p.at.Sub(last.at); gap < least || gap > most {
		s.t.Errorf("%s: attempt %d came after %v, want %v to %v", name, noted+1, gap, least, most)
	}
}

// judgeSignature: each secret of ours signs from when it was made, until a day
// after its successor was.
func (s *tale) judgeSignature(name string, p *posted, h *hook) {
	if h == nil {
		if p.headers["webhook-signature"] != "" || p.headers["X-Webhook-Signature"] != "" {
			s.t.Errorf("%s: a callback is signed, with whose secret? %v", name, p.headers)
		}
		return
	}
	for i, secret := range h.secrets {
		valid := !p.at.Before(h.since[i]) && (i == len(h.secrets)-1 || p.at.Before(h.since[i+1].Add(24*time.Hour)))
		if got := signed(p, secret); got != valid {
			s.t.Errorf("%s: secret %d signs at %v: %t, want %t (since %v)", name, i, p.at, got, valid, h.since)
		}
	}
	if got := p.headers["X-Webhook-Signature"]; h.given == "" && got != "" || h.given != "" && got != hexSigned(p, h.given) {
		s.t.Errorf("%s: X-Webhook-Signature %q", name, got)
	}
}

// revive mends all servers, replays what did not arrive, and finds it arrived
// with the id and the body that it had.
func (s *tale) revive(name string) {
	for _, server := range s.servers {
		server.fails, server.gone = 0, false
	}
	on := false
	for _, h := range s.hooks {
		if _, err := s.service.Update(s.t.Context(), admin, h.ID, webhook.Change{Disabled: &on}); err != nil {
			s.t.Fatal(err)
		}
	}
	all := s.deliveries()
	for _, d := range all {
		if d.State == webhook.Delivered {
			continue
		}
		if _, err := s.service.Redeliver(s.t.Context(), admin, d.Webhook, d.ID, account.Once{}); err != nil {
			s.t.Errorf("%s: replay of %+v: %v", name, d, err)
		}
	}
	s.chaos.calm = false
	s.drain()
	s.chaos.calm = true
	for _, d := range s.deliveries() {
		posts, _ := s.at(d)
		last := posts[len(posts)-1]
		if d.State != webhook.Delivered || last.status/100 != 2 || last.body != posts[0].body {
			s.t.Errorf("%s: replayed, but %+v", name, d)
		}
	}
	if len(s.deliveries()) != len(all) {
		s.t.Errorf("%s: a replay made another delivery", name)
	}
}
