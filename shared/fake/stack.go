package fake

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"latchkey/shared/account"
	"latchkey/shared/fetch"
	"latchkey/shared/file"
	"latchkey/shared/handover"
	"latchkey/shared/ident"
	"latchkey/shared/job"
	"latchkey/shared/recording"
	"latchkey/shared/share"
	"latchkey/shared/store"
	"latchkey/shared/table"
	"latchkey/shared/table/mem"
	"latchkey/shared/webhook"
)

// Start is what a Stack's clock shows at first: the day of MediaPocket's
// published examples, so that their dates lie ahead.
var Start = time.Date(2023, 11, 27, 9, 43, 39, 0, time.UTC)

// Stack is the domain over fakes, with one organization and its admin.
type Stack struct {
	Clock      *Clock
	IDs        ident.Source
	Table      table.Engine // the same as Memory unless a test wraps it
	Memory     *mem.Engine
	Objects    *Objects
	Post       *Post
	Audit      *Audit
	Passwords  *Passwords
	Accounts   *account.Service
	Files      *file.Service
	Shares     *share.Service
	Handovers  *handover.Service
	Contents   *Contents
	Recordings *recording.Service
	Jobs       *job.Service
	Sources    *Sources // of media to fetch
	Queue      *Queue   // of jobs
	Herald     *Herald  // of what webhooks would be told
	Webhooks   *webhook.Service
	Receivers  *Receivers // of webhooks
	Key        string     // of the admin
	Admin      account.Principal
}

// NewStack returns a stack; wrap, unless nil, goes around its table.
func NewStack(t testing.TB, wrap func(table.Engine) table.Engine) *Stack {
	t.Helper()
	s := &Stack{Clock: NewClock(Start), Objects: new(Objects), Post: new(Post), Audit: new(Audit), Contents: new(Contents)}
	s.Passwords = new(Passwords)
	s.IDs = ident.Source{Now: s.Clock.Now, Rand: NewRand(1)}
	s.Memory = mem.New(store.Schema(), []byte("page key of the tests"))
	s.Table = s.Memory
	if wrap != nil {
		s.Table = wrap(s.Memory)
	}
	presign := Presign{Now: s.Clock.Now}
	s.Accounts = &account.Service{
		Store: store.Accounts{Table: s.Table, Now: s.Clock.Now}, Post: s.Post, Passwords: s.Passwords, IDs: s.IDs, Now: s.Clock.Now,
	}
	s.Shares = &share.Service{
		Store: store.Shares{Table: s.Table, Now: s.Clock.Now}, Presign: presign, Seal: Seal{},
		Post: s.Post, Audit: s.Audit, IDs: s.IDs, Now: s.Clock.Now,
	}
	s.Files = &file.Service{
		Store: store.Files{Table: s.Table, Now: s.Clock.Now}, Objects: s.Objects, Presign: presign,
		IDs: s.IDs, Now: s.Clock.Now,
	}
	s.Shares.Files = s.Files
	s.Handovers = &handover.Service{
		Store: store.Handovers{Table: s.Table, Now: s.Clock.Now}, Files: s.Files, Accounts: s.Accounts, Presign: presign, Seal: Seal{},
		Post: s.Post, Verdicts: s.Post, Audit: s.Audit, IDs: s.IDs, Now: s.Clock.Now,
	}
	s.Files.Links = file.AllLinks{s.Shares, s.Handovers}
	s.Recordings = &recording.Service{
		Store: store.Recordings{Table: s.Table, Now: s.Clock.Now}, Contents: s.Contents, Files: s.Files, Shares: s.Shares,
		Seal: Seal{}, IDs: s.IDs, Now: s.Clock.Now,
	}
	s.Shares.Hidden, s.Files.Hidden = s.Recordings.Hidden, s.Recordings.Hidden
	s.Sources, s.Queue, s.Herald = new(Sources), new(Queue), new(Herald)
	workers := s.Recordings.Workers(recording.Engines{})
	workers[job.Fetch] = recording.Fetcher{Service: s.Recordings, Sources: s.Sources}
	s.Receivers = new(Receivers)
	hooks := store.Webhooks{Table: s.Table, Now: s.Clock.Now}
	s.Recordings.Reach = reach
	s.Webhooks = &webhook.Service{Store: hooks, Seal: Seal{}, Post: s.Receivers, IDs: s.IDs, Now: s.Clock.Now}
	workers[job.Deliver] = webhook.Deliverer{Store: hooks, Seal: Seal{}, Post: s.Receivers, IDs: s.IDs, Now: s.Clock.Now}
	workers[job.Announce] = s.Herald
	s.Jobs = &job.Service{
		Store: store.Jobs{Table: s.Table, Now: s.Clock.Now}, Queue: s.Queue, Log: slog.New(slog.DiscardHandler), Now: s.Clock.Now,
		Workers: workers, Beats: Still, Seen: s.Recordings.SeenJobs,
	}
	s.Key, s.Admin = s.Organization(t, "Acme", "admin@acme.test")
	return s
}

// reach is what a URL must be, but for where its host is: no test asks name
// servers.
func reach(_ context.Context, url string) error { return fetch.New(fetch.Options{}).Check(url) }

// Equip sets all engines up, as one that repeats what it is told.
func (s *Stack) Equip() *Engine {
	e := new(Engine)
	for kind, w := range s.Recordings.Workers(e.Engines()) {
		s.Jobs.Workers[kind] = w
	}
	return e
}

// Inspect has media looked into, by one who finds the same in all of it.
func (s *Stack) Inspect(f recording.Facts) *Inspector {
	i := &Inspector{Facts: f}
	s.Jobs.Workers[job.Inspect] = recording.Examiner{Service: s.Recordings, Inspector: i}
	return i
}

// Work does the jobs that were asked for just now.
func (s *Stack) Work(t testing.TB) {
	t.Helper()
	if _, err := s.Jobs.TellDue(context.Background(), s.Clock.Now().Add(job.FirstDue)); err != nil {
		t.Fatal(err)
	}
	for _, m := range s.Queue.Take() {
		if err := s.Jobs.Run(context.Background(), m); err != nil {
			t.Fatal(err)
		}
	}
}

// Organization makes one, and returns its admin's key and who that is.
func (s *Stack) Organization(t testing.TB, name, email string) (string, account.Principal) {
	t.Helper()
	f, err := s.Accounts.Found(context.Background(), name, email, "Ann Admin")
	if err != nil {
		t.Fatal(err)
	}
	who, err := s.Accounts.Authenticate(context.Background(), f.Key)
	if err != nil {
		t.Fatal(err)
	}
	return f.Key, who
}

// Upload makes a file that is ready.
func (s *Stack) Upload(t testing.TB, who account.Principal, name, contentType string, body []byte) file.File {
	t.Helper()
	f, err := s.Files.CreateWithBody(context.Background(), who, file.New{Name: name, ContentType: contentType}, body)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// Link makes a link to a file.
func (s *Stack) Link(t testing.TB, who account.Principal, n share.New) (share.Share, string) {
	t.Helper()
	sh, token, err := s.Shares.Create(context.Background(), who, n)
	if err != nil {
		t.Fatal(err)
	}
	return sh, token
}
