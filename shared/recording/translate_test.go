package recording_test

import (
	"testing"

	"latchkey/shared/account"
	"latchkey/shared/fault"
	"latchkey/shared/recording"
)

// only is a translator that has few languages.
type only []string

func (o only) Supports(from, to string) error {
	for _, into := range o {
		if to == into {
			return nil
		}
	}
	return recording.ErrPair(from, to, o)
}

// TestKnownPairs: what is known to be impossible is refused at once, and what
// is there all the same is found.
func TestKnownPairs(t *testing.T) {
	w, e, a := video(t)
	w.Recordings.Pairs = only{"es", "it"}
	_, err := w.Recordings.AddTranslation(ctx, a, "de")
	if f := fault.As(err); f == nil || f.Kind != fault.Invalid || f.Field != "language" || f.Message != "de is not possible from en. Possible are: es, it" {
		t.Errorf("into German: %v", err)
	}
	_, err = w.Recordings.Translate(ctx, w.own(t, w.doc.ID), recording.Translation{Languages: []string{"es", "de"}})
	if f := fault.As(err); f == nil || f.Kind != fault.Invalid || f.Field != "languages[1]" || len(w.jobs(t)) != 0 {
		t.Errorf("into Spanish and German: %v, jobs %v", err, w.jobs(t))
	}
	if _, err := w.Recordings.AddDocument(ctx, a, recording.NewDocument{Language: "de", Transcript: said("hallo")}); err != nil {
		t.Fatal(err)
	}
	if p, err := w.Recordings.AddTranslation(ctx, a, "de"); err != nil || p.Status != recording.Completed {
		t.Errorf("given: %+v, %v", p, err)
	}
	if p, err := w.Recordings.AddTranslation(ctx, a, "es"); err != nil || p.Status != recording.Queued {
		t.Errorf("into Spanish: %+v, %v", p, err)
	}
	w.Work(t)
	if len(e.Asked) != 1 {
		t.Errorf("asked %v", e.Asked)
	}
}

// TestTranslateADocument: that document, not the recording's first, under the
// id that was told, by another name.
func TestTranslateADocument(t *testing.T) {
	w, _, a := video(t)
	caption, err := w.Recordings.AddDocument(ctx, a, recording.NewDocument{Filename: "Caption", Type: recording.Caption, Transcript: said("other")})
	if err != nil {
		t.Fatal(err)
	}
	all, err := w.Recordings.Translate(ctx, w.own(t, caption.ID), recording.Translation{Languages: []string{"es", "ES", "it"}, Filename: "Untertitel"})
	if err != nil || len(all) != 3 || all[0].ID != all[1].ID || all[0].Document == all[2].Document {
		t.Fatalf("%+v, %v", all, err)
	}
	_, err = w.Recordings.Own(ctx, w.Admin, account.ReadRecordings, w.rec.ID, all[0].Document)
	kind(t, "before it is made", err, fault.NotFound)
	w.Work(t)
	read, err := w.Recordings.Read(ctx, w.own(t, all[0].Document))
	if err != nil || read.Filename != "Untertitel" || read.Type != recording.Caption || read.Language != "es" || read.Transcript.Segments[0].Text() != "es:other" {
		t.Errorf("%+v, %v", read, err)
	}
	_, err = w.Recordings.Translate(ctx, w.own(t, caption.ID), recording.Translation{Languages: []string{"fr", "en"}})
	if kind(t, "into its own", err, fault.Invalid); len(w.jobs(t)) != 0 {
		t.Errorf("half of it is translated: %v", w.jobs(t))
	}
	again, err := w.Recordings.Translate(ctx, w.own(t, read.ID), recording.Translation{Languages: []string{"en", "pt"}})
	if err != nil || again[0].Status != recording.Completed || again[0].Document != w.doc.ID && again[0].Document != caption.ID {
		t.Fatalf("%+v, %v", again, err)
	}
	if err := w.Recordings.DeleteDocument(ctx, w.Admin, w.rec.ID, read.ID); err != nil {
		t.Fatal(err)
	}
	w.Work(t)
	if p := w.product(t, again[1]); p.Status != recording.Failed || p.Source != "" || p.Reason == "" {
		t.Errorf("of what was deleted: %+v", p)
	}
}

// TestTranslationsKeepTimes: segments keep theirs, and their words share them.
func TestTranslationsKeepTimes(t *testing.T) {
	w, _, a := video(t)
	p, err := w.Recordings.AddTranslation(ctx, a, "es")
	if err != nil {
		t.Fatal(err)
	}
	w.Work(t)
	read, err := w.Recordings.Read(ctx, w.own(t, w.product(t, p).Document))
	if err != nil {
		t.Fatal(err)
	}
	for i, seg := range read.Transcript.Segments {
		words := seg.Words
		if at := int64(i) * 1000; seg.Speaker != "Ann" || seg.Start != at || seg.End != at+900 || words[0].Start != at || words[len(words)-1].End != at+900 {
			t.Errorf("%+v", seg)
		}
	}
}
