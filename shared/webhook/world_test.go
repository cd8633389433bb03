package webhook_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"
	"time"

	"latchkey/shared/account"
	"latchkey/shared/fake"
	"latchkey/shared/fault"
	"latchkey/shared/ident"
	"latchkey/shared/job"
	"latchkey/shared/store"
	"latchkey/shared/table"
	"latchkey/shared/table/mem"
	"latchkey/shared/webhook"
)

var admin = account.Principal{Organization: "org", User: "ann", Role: account.Admin}

// killed is what a worker dies of.
type killed struct{}

// chaos is a table whose requests fail, before or after they were done, and
// kill whoever makes them.
type chaos struct {
	table.Engine
	dice *rand.Rand
	calm bool
}

var errTable = errors.New("table: connection reset")

// around runs f, and now and then breaks before or after it.
func (c *chaos) around(f func() error) error {
	roll := 1000
	if !c.calm {
		roll = c.dice.IntN(100)
	}
	switch roll {
	case 0:
		panic(killed{})
	case 1:
		return errTable
	}
	err := f()
	switch roll {
	case 2:
		panic(killed{})
	case 3:
		return errTable
	}
	return err
}

func (c *chaos) Get(ctx context.Context, k table.Key, consistent bool) (it table.Item, err error) {
	err = c.around(func() error { it, err = c.Engine.Get(ctx, k, consistent); return err })
	return it, err
}

func (c *chaos) Query(ctx context.Context, q table.Query) (p table.Page, err error) {
	err = c.around(func() error { p, err = c.Engine.Query(ctx, q); return err })
	return p, err
}

func (c *chaos) Update(ctx context.Context, u table.Update) (it table.Item, err error) {
	err = c.around(func() error { it, err = c.Engine.Update(ctx, u); return err })
	return it, err
}

func (c *chaos) Commit(ctx context.Context, writer string, ops ...table.Op) error {
	return c.around(func() error { return c.Engine.Commit(ctx, writer, ops...) })
}

// posted is a request that a server got.
type posted struct {
	url, id, body string
	at            time.Time
	headers       map[string]string
	status        int           // that it answered; 0: it did not
	retry         time.Duration // it asked for
	noted         bool          // the attempt was, in the delivery
}

// server is what a URL leads to.
type server struct {
	fails  int // times, before it takes what comes; -1: always
	gone   bool
	taking map[string]int // how often it failed, by id
}

// message is one on its way.
type message struct {
	job.Message
	at time.Time
}

// world is everything, in virtual time.
type world struct {
	t       testing.TB
	dice    *rand.Rand
	clock   *fake.Clock
	memory  *mem.Engine
	chaos   *chaos
	jobs    *job.Service
	service *webhook.Service
	store   store.Webhooks // without chaos
	queue   []message
	posts   []*posted
	servers map[string]*server
	media   map[string]string // bodies, by recording
	calls   map[string]string // callback URLs
}

func newWorld(t testing.TB, seed uint64) *world {
	w := &world{
		t: t, dice: rand.New(rand.NewPCG(seed, 1)), clock: fake.NewClock(fake.Start), memory: mem.New(store.Schema(), []byte("key")),
		servers: map[string]*server{}, media: map[string]string{}, calls: map[string]string{},
	}
	w.chaos = &chaos{Engine: w.memory, dice: w.dice, calm: true}
	w.store = store.Webhooks{Table: w.memory, Now: w.clock.Now}
	shaky := store.Webhooks{Table: w.chaos, Now: w.clock.Now}
	var key [32]byte
	key[0], key[1] = byte(seed), byte(seed>>8)
	ids := ident.Source{Now: w.clock.Now, Rand: rand.NewChaCha8(key)}
	w.service = &webhook.Service{Store: w.store, Seal: fake.Seal{}, Post: w, IDs: ids, Now: w.clock.Now}
	w.jobs = &job.Service{
		Store: store.Jobs{Table: w.chaos, Now: w.clock.Now}, Queue: w, Log: slog.New(slog.DiscardHandler), Now: w.clock.Now, Beats: fake.Still,
		Workers: map[job.Kind]job.Worker{
			job.Announce: webhook.Announcer{Store: shaky, Bodies: w, Seal: fake.Seal{}, IDs: ids, Now: w.clock.Now},
			job.Deliver:  webhook.Deliverer{Store: shaky, Seal: fake.Seal{}, Post: w, IDs: ids, Now: w.clock.Now},
		},
	}
	return w
}

// Media implements webhook.Bodies.
func (w *world) Media(_ context.Context, _, recording string) ([]byte, string, error) {
	body, ok := w.media[recording]
	if !ok {
		return nil, "", fault.New(fault.NotFound, "recording not found")
	}
	return []byte(body), w.calls[recording], nil
}

// Check implements webhook.Poster.
func (w *world) Check(url string) error {
	if !strings.HasPrefix(url, "https://") {
		return fault.New(fault.Invalid, "it must begin with https://")
	}
	return nil
}

// Send implements job.Queue: messages are lost and come twice.
func (w *world) Send(_ context.Context, m job.Message, after time.Duration) error {
	copies := 1
	if !w.chaos.calm {
		copies = []int{0, 1, 1, 1, 1, 2}[w.dice.IntN(6)]
	}
	for range copies {
		w.queue = append(w.queue, message{m, w.clock.Now().Add(after + time.Duration(w.dice.IntN(2000))*time.Millisecond)})
	}
	return nil
}

// Bury implements job.Queue.
func (w *world) Bury(context.Context, job.Letter) error { return nil }

// Post implements webhook.Poster.
func (w *world) Post(_ context.Context, url string, headers map[string]string, body []byte) (int, string, error) {
	if !w.chaos.calm && w.dice.IntN(50) == 0 {
		panic(killed{})
	}
	p := &posted{url: url, id: headers["webhook-id"], body: string(body), at: w.clock.Now(), headers: headers}
	w.posts = append(w.posts, p)
	retry, err := w.answer(p)
	w.clock.Advance(time.Duration(w.dice.IntN(20_000)) * time.Millisecond)
	if !w.chaos.calm && w.dice.IntN(50) == 0 {
		panic(killed{}) // after the server has it
	}
	return p.status, retry, err
}

func (w *world) answer(p *posted) (string, error) {
	s := w.servers[p.url]
	s.taking[p.id]++
	if s.fails >= 0 && s.taking[p.id] > s.fails {
		if p.status = 200 + w.dice.IntN(7); s.gone {
			p.status = 410
		}
		return "", nil
	}
	switch w.dice.IntN(4) {
	case 0:
		return "", fault.New(fault.Unavailable, "the server took too long")
	case 1:
		p.status, p.retry = 503, time.Duration(w.dice.IntN(60*3600))*time.Second
		return strconv.Itoa(int(p.retry / time.Second)), nil
	case 2:
		p.status = 302
	default:
		p.status = 400 + w.dice.IntN(9)
	}
	return "", nil
}

// run works through a message as Lambda would, which comes to life again.
func (w *world) run(m job.Message) {
	before := w.tries(m.ID)
	count := len(w.posts)
	w.alive(func() error { return w.jobs.Run(context.Background(), m) })
	if len(w.posts) > count && w.tries(m.ID) > before {
		w.posts[len(w.posts)-1].noted = true
	}
}

// alive runs f until it has ended or died.
func (w *world) alive(f func() error) {
	defer func() {
		if p := recover(); p != nil && p != (killed{}) {
			panic(p)
		}
	}()
	_ = f() // what fails comes again
}

// tries are those that a delivery has noted, over all rounds, by its job's id.
func (w *world) tries(id string) int {
	parts := strings.Split(strings.TrimPrefix(id, "deliver-"), "/")
	if len(parts) != 3 {
		return 0
	}
	d, err := w.store.Delivery(context.Background(), "org", parts[0], parts[1])
	if err != nil {
		return 0
	}
	return int(d.Tries)
}

// step does what comes next, if that is before a moment, and reports whether
// there was anything.
func (w *world) step(until time.Time) bool {
	next, at := -1, until
	for i, m := range w.queue {
		if m.at.Before(at) {
			next, at = i, m.at
		}
	}
	if due, ok := w.due(); ok && due.Before(at) {
		next, at = -2, due
	}
	if next == -1 {
		return false
	}
	w.wait(at)
	switch next {
	case -2:
		w.alive(func() error { _, err := w.jobs.TellDue(context.Background(), w.clock.Now()); return err })
	default:
		m := w.queue[next]
		w.queue = append(w.queue[:next], w.queue[next+1:]...)
		w.run(m.Message)
	}
	return true
}

// wait lets time pass until a moment, if that has not come.
func (w *world) wait(until time.Time) { w.clock.Advance(max(0, until.Sub(w.clock.Now()))) }

// due is the minute at which sweep finds the next job.
func (w *world) due() (time.Time, bool) {
	p, err := w.memory.Query(context.Background(), table.Query{Index: "due", PK: "jobs", Limit: 1})
	if err != nil || len(p.Items) == 0 {
		return time.Time{}, false
	}
	text, _, _ := strings.Cut(p.Items[0].String("dueat"), "#")
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		w.t.Fatal(err)
	}
	if at = at.Add(time.Minute - 1).Truncate(time.Minute); at.Before(w.clock.Now()) {
		at = w.clock.Now().Add(time.Minute).Truncate(time.Minute)
	}
	return at, true
}

// signed reports whether one of the signatures of a request is by a secret.
func signed(p *posted, secret string) bool {
	key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(secret, "whsec_"))
	if err != nil {
		return false
	}
	mac := hmac.New(sha256.New, key)
	fmt.Fprintf(mac, "%s.%s.%s", p.id, p.headers["webhook-timestamp"], p.body)
	want := "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil))
	for _, got := range strings.Split(p.headers["webhook-signature"], " ") {
		if got == want {
			return true
		}
	}
	return false
}

// hexSigned is what X-Webhook-Signature has to be.
func hexSigned(p *posted, secret string) string {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(p.body))
	return hex.EncodeToString(mac.Sum(nil))
}
