package store_test

import (
	"fmt"
	"os"
	"sync"
	"testing"

	"latchkey/shared/account"
	"latchkey/shared/fake"
	"latchkey/shared/fault"
	"latchkey/shared/recording"
	"latchkey/shared/share"
	"latchkey/shared/transcript"
)

func made(t testing.TB, s *fake.Stack) (recording.Recording, recording.Document) {
	t.Helper()
	name := "Board " + s.IDs.Chars(4)
	f, err := s.Recordings.AddFolder(ctx, s.Admin, recording.FolderChange{Name: &name})
	if err != nil {
		t.Fatal(err)
	}
	r, err := s.Recordings.Create(ctx, s.Admin, recording.NewRecording{Name: "Board", Language: "en", FolderID: f.ID, Publish: true})
	if err != nil {
		t.Fatal(err)
	}
	a, err := s.Recordings.Own(ctx, s.Admin, account.WriteRecordings, r.ID, "")
	if err != nil {
		t.Fatal(err)
	}
	d, err := s.Recordings.AddDocument(ctx, a, recording.NewDocument{Transcript: new(transcript.Transcript)})
	if err != nil {
		t.Fatal(err)
	}
	return r, d.Document
}

// One recording's life, on every engine.
func TestRecordings(t *testing.T) {
	for name, open := range engines(t) {
		t.Run(name, func(t *testing.T) {
			s := stack(t, open)
			r, d := made(t, s)
			a, err := s.Recordings.Own(ctx, s.Admin, account.WriteRecordings, r.ID, d.ID)
			if err != nil || a.Recording.Documents != 1 || a.Recording.Status != recording.Completed || a.Recording.FolderID != r.FolderID || a.Recording.Public == "" {
				t.Fatalf("%+v, %v", a.Recording, err)
			}
			_, token, err := s.Recordings.ShareDocument(ctx, a)
			if err != nil {
				t.Fatal(err)
			}
			link, err := s.Recordings.Open(ctx, token, r.ID, d.ID, visit("1"))
			if err != nil || !link.Share.Rights.Export || link.Edit {
				t.Fatalf("%+v, %v", link, err)
			}
			text, once := "look", account.Once{Key: "k", Digest: "d"}
			c, err := s.Recordings.AddComment(ctx, link, recording.CommentChange{Text: &text}, once)
			if err != nil || c.By != "link:"+link.Share.ID || c.At != -1 {
				t.Errorf("%+v, %v", c, err)
			}
			if again, err := s.Recordings.AddComment(ctx, link, recording.CommentChange{Text: &text}, once); err != nil || again != c {
				t.Errorf("a replay: %+v, %v", again, err)
			}
			said, resolved := c, c
			said.Text, resolved.Resolved = "look here", true
			for _, now := range []recording.Comment{said, resolved} { // at the same time
				if err := s.Recordings.Store.ChangeComment(ctx, d, now.Text, c, now, nil); err != nil {
					t.Error(err)
				}
			}
			if now, err := s.Recordings.Store.Comment(ctx, d, c.ID); err != nil || now.Text != said.Text || !now.Resolved {
				t.Errorf("%+v, %v", now, err)
			}
			kind := func(what string, err error, want fault.Kind) {
				t.Helper()
				if !fault.Is(err, want) {
					t.Errorf("%s: %v, want %s", what, err, want)
				}
			}
			kind("a full folder is deleted", s.Recordings.DeleteFolder(ctx, s.Admin, r.FolderID), fault.Conflict)
			for _, edit := range []bool{true, false} {
				if _, err := s.Recordings.ShareWith(ctx, a, recording.Sharing{Email: "Ann@b.test", Edit: edit}); err != nil {
					t.Error(err)
				}
			}
			if list, err := s.Recordings.SharedWith(ctx, a); err != nil || len(list) != 1 || list[0].Rights.Edit {
				t.Errorf("%+v, %v", list, err)
			}
			if err := s.Recordings.Unshare(ctx, a, "ann@B.test"); err != nil {
				t.Error(err)
			}
			kind("again", s.Recordings.Unshare(ctx, a, "ann@b.test"), fault.NotFound)
			if _, err := s.Recordings.ShareWith(ctx, a, recording.Sharing{Email: "ann@b.test"}); err != nil {
				t.Error(err)
			}
			folder := ""
			if r, err := s.Recordings.Update(ctx, a, recording.Change{FolderID: &folder}); err != nil || r.FolderID != "" {
				t.Errorf("%+v, %v", r, err)
			}
			if err := s.Recordings.DeleteFolder(ctx, s.Admin, a.Recording.FolderID); err != nil {
				t.Errorf("an empty folder: %v", err)
			}
			kind("again", s.Recordings.DeleteFolder(ctx, s.Admin, a.Recording.FolderID), fault.NotFound)
			if err := s.Recordings.Delete(ctx, s.Admin, r.ID); err != nil {
				t.Fatal(err)
			}
			s.Work(t)
			if list, total, err := s.Recordings.List(ctx, s.Admin, recording.Query{Limit: 10}); err != nil || total+len(list) != 0 {
				t.Errorf("%+v, %v", list, err)
			}
			if _, err := s.Recordings.Open(ctx, token, r.ID, d.ID, share.Visit{}); !fault.Is(err, fault.NotFound) {
				t.Errorf("the link: %v", err)
			}
		})
	}
}

// What a recording is without its last document, on every engine.
func TestTheLastDocument(t *testing.T) {
	for name, open := range engines(t) {
		t.Run(name, func(t *testing.T) {
			s := stack(t, open)
			for _, tt := range []struct {
				align bool
				want  recording.Status
			}{{true, recording.Created}, {false, recording.New}} {
				r, err := s.Recordings.Create(ctx, s.Admin, recording.NewRecording{Name: "Board", Language: "en", Align: tt.align})
				if err != nil || r.Status != tt.want {
					t.Fatalf("%+v, %v", r, err)
				}
				own := func(id string) recording.Access {
					t.Helper()
					a, err := s.Recordings.Own(ctx, s.Admin, account.WriteRecordings, r.ID, id)
					if err != nil {
						t.Fatal(err)
					}
					return a
				}
				var documents []recording.Access
				for range 2 {
					d, err := s.Recordings.AddDocument(ctx, own(""), recording.NewDocument{Transcript: new(transcript.Transcript)})
					if err != nil {
						t.Fatal(err)
					}
					documents = append(documents, own(d.ID))
				}
				read := documents[1] // when there were two
				for i, want := range []recording.Status{recording.Completed, tt.want} {
					if err := s.Recordings.DeleteDocument(ctx, s.Admin, r.ID, documents[i].Document.ID); err != nil {
						t.Fatal(err)
					}
					if now := own("").Recording; now.Status != want || now.Documents != int64(1-i) {
						t.Errorf("%d deleted: %s with %d", i+1, now.Status, now.Documents)
					}
					if err := s.Recordings.Store.BeginDeleteDocument(ctx, "late", read.Recording, read.Document); i == 0 && !fault.Is(err, fault.Stale) || err == nil {
						t.Errorf("%d deleted, by one who read before: %v", i+1, err)
					}
				}
				if _, err := s.Recordings.AddDocument(ctx, own(""), recording.NewDocument{Transcript: new(transcript.Transcript)}); err != nil || own("").Recording.Status != recording.Completed {
					t.Errorf("with another: %+v, %v", own("").Recording, err)
				}
			}
		})
	}
}

// Of editors who all know the same version one wins, on every engine. They
// come in turn where moto's server stands for DynamoDB, see package dynamo: it
// checks and writes in two steps.
func TestOneEditorWins(t *testing.T) {
	for name, open := range engines(t) {
		t.Run(name, func(t *testing.T) {
			racers := make(chan bool, 32)
			if name == "dynamo" && os.Getenv("TEST_DYNAMODB_RACES") == "" {
				racers = make(chan bool, 1)
			}
			s := stack(t, open)
			r, d := made(t, s)
			var wg sync.WaitGroup
			var mu sync.Mutex
			var won []string
			for i := range 32 {
				wg.Go(func() {
					racers <- true
					defer func() { <-racers }()
					name := fmt.Sprint("editor ", i)
					a, err := s.Recordings.Own(ctx, s.Admin, account.WriteRecordings, r.ID, d.ID)
					if err == nil {
						_, err = s.Recordings.UpdateDocument(ctx, a, recording.Edit{Version: 1, Filename: &name})
					}
					mu.Lock()
					defer mu.Unlock()
					if err == nil {
						won = append(won, name)
					} else if !fault.Is(err, fault.Stale) {
						t.Error(err)
					}
				})
			}
			wg.Wait()
			a, err := s.Recordings.Own(ctx, s.Admin, account.ReadRecordings, r.ID, d.ID)
			if err != nil || len(won) != 1 || a.Document.Filename != won[0] || a.Document.Version != 2 {
				t.Errorf("%v won, %+v, %v", won, a.Document, err)
			}
		})
	}
}

// BenchmarkList sorts and pages as many recordings as an organization can have.
func BenchmarkList(b *testing.B) {
	s := fake.NewStack(b, nil)
	for i := range recording.MaxRecordings {
		if _, err := s.Recordings.Create(ctx, s.Admin, recording.NewRecording{Name: fmt.Sprint("Meeting ", i), Language: "en"}); err != nil {
			b.Fatal(err)
		}
	}
	if _, err := s.Recordings.Create(ctx, s.Admin, recording.NewRecording{Language: "en"}); !fault.Is(err, fault.Conflict) {
		b.Errorf("one more: %v", err)
	}
	for b.Loop() {
		if _, total, err := s.Recordings.List(ctx, s.Admin, recording.Query{Search: "meeting 9", Sort: "name", Limit: 25}); err != nil || total == 0 {
			b.Fatal(total, err)
		}
	}
}
