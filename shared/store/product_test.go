package store_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"latchkey/shared/account"
	"latchkey/shared/fault"
	"latchkey/shared/recording"
)

// What is made of a recording, on every engine.
func TestProducts(t *testing.T) {
	for name, open := range engines(t) {
		t.Run(name, func(t *testing.T) {
			s := stack(t, open)
			r, _ := made(t, s)
			rs := s.Recordings.Store
			a, err := s.Recordings.Own(ctx, s.Admin, account.WriteRecordings, r.ID, "")
			if err != nil {
				t.Fatal(err)
			}
			kind := func(what string, err error, want fault.Kind) {
				t.Helper()
				if !fault.Is(err, want) {
					t.Errorf("%s: %v, want %s", what, err, want)
				}
			}
			p := func(id string, kind recording.ProductKind) recording.Product {
				return recording.Product{
					ID: id, Organization: r.Organization, Recording: r.ID, Kind: kind, Status: recording.Queued, CreatedBy: "u",
					CreatedAt: s.Clock.Now().Truncate(1e6), UpdatedAt: s.Clock.Now().Truncate(1e6),
				}
			}
			burnt, cut, said, es := p("BBBBBBBB", recording.BurnedIn), p("EEEEEEEE", recording.Exported), p("SSSSSSSS", recording.Summarized), p("TTTTTTTT", recording.Translated)
			burnt.BurnIn, burnt.Language = recording.DefaultBurnIn, "en"
			cut.Export = recording.Export{Format: "wav", Whole: true}
			said.Prompt, said.Hints = "Why?", recording.Hints{Subtype: "topic", Sentences: 3}
			es.Language = "es"
			for _, p := range []recording.Product{burnt, cut, said, es} {
				if err := rs.AddProduct(ctx, p, "", nil, account.Once{}); err != nil {
					t.Fatal(err)
				}
				got, err := rs.Product(ctx, p.Organization, p.ID)
				if diff := cmp.Diff(p, got); err != nil || diff != "" {
					t.Errorf("%v (-want +got):\n%s", err, diff)
				}
				kind("of another organization", second(rs.Product(ctx, s.IDs.UUID(), p.ID)), fault.NotFound)
			}
			again := es
			again.ID, again.Language = "UUUUUUUU", "ES"
			kind("another of the same name", rs.AddProduct(ctx, again, "", nil, account.Once{}), fault.Stale)
			kind("in the place of what is not there", rs.AddProduct(ctx, again, "AAAAAAAA", nil, account.Once{}), fault.Stale)
			if err := rs.AddProduct(ctx, again, es.ID, nil, account.Once{}); err != nil {
				t.Error(err)
			}
			kind("what was replaced", second(rs.Product(ctx, r.Organization, es.ID)), fault.NotFound)
			kind("is changed", rs.ChangeProduct(ctx, es, es), fault.Stale)
			if all, err := rs.Products(ctx, r.Organization, r.ID); err != nil || len(all) != 4 {
				t.Errorf("%+v, %v", all, err)
			}
			now := burnt
			now.Status, now.File = recording.Processing, "f"
			if err := rs.ChangeProduct(ctx, burnt, now); err != nil {
				t.Error(err)
			}
			kind("changed at the same time", rs.ChangeProduct(ctx, burnt, now), fault.Stale)
			kind("deleted without its file", rs.DeleteProduct(ctx, burnt), fault.Stale)
			done := again
			done.Status, done.Document = recording.Completed, "DDDDDDDDDDDD"
			d := recording.Document{
				ID: done.Document, Organization: r.Organization, Recording: r.ID, Language: "es", Version: 1, Content: "c",
				CreatedAt: s.Clock.Now(), ModifiedAt: s.Clock.Now(),
			}
			if err := rs.FinishTranslation(ctx, again, done, d); err != nil {
				t.Error(err)
			}
			d.ID = "EEEEEEEEEEEE"
			kind("finished twice", rs.FinishTranslation(ctx, again, done, d), fault.Stale)
			if f, err := rs.Find(ctx, r.Organization, r.ID, done.Document); err != nil || f.Recording.Documents != 2 {
				t.Errorf("%+v, %v", f, err)
			}
			b, err := s.Recordings.AddBatch(ctx, s.Admin, r.FolderID, "Why?", account.Once{Key: "k", Digest: "d"})
			if err != nil {
				t.Fatal(err)
			}
			got, err := rs.Batch(ctx, r.Organization, b.ID)
			b.CreatedAt = got.CreatedAt
			if diff := cmp.Diff(b, got); err != nil || diff != "" {
				t.Errorf("%v (-want +got):\n%s", err, diff)
			}
			b.Asked, b.Status = true, recording.Completed
			if err := rs.ChangeBatch(ctx, b); err != nil {
				t.Error(err)
			}
			if list, err := rs.Batches(ctx, r.Organization, r.FolderID); err != nil || len(list) != 1 || !cmp.Equal(list[0], b) {
				t.Errorf("%+v, %v", list, err)
			}
			if list, err := rs.Batches(ctx, r.Organization, ""); err != nil || len(list) != 0 {
				t.Errorf("at home: %+v, %v", list, err)
			}
			parts, err := rs.Parts(ctx, r.Organization, []recording.Part{{Recording: r.ID, Product: "NNNNNNNN"}, {Recording: r.ID, Product: said.ID}})
			if err != nil || len(parts) != 2 || parts[0].ID != "" || !cmp.Equal(parts[1], said) {
				t.Errorf("%+v, %v", parts, err)
			}
			if err := s.Recordings.Delete(ctx, s.Admin, a.Recording.ID); err != nil {
				t.Fatal(err)
			}
			kind("of what is deleted", rs.AddProduct(ctx, p("ZZZZZZZZ", recording.BurnedIn), "", nil, account.Once{}), fault.NotFound)
			for range 2 {
				for _, p := range []recording.Product{now, cut, said, done} {
					if err := rs.DeleteProduct(ctx, p); err != nil {
						t.Error(err)
					}
				}
			}
			if all, err := rs.Products(ctx, r.Organization, r.ID); err != nil || len(all) != 0 {
				t.Errorf("left: %+v, %v", all, err)
			}
		})
	}
}

func second[T any](_ T, err error) error { return err }
