package recording

import (
	"cmp"
	"context"
	"fmt"
	"io"

	"latchkey/shared/account"
	"latchkey/shared/fault"
	"latchkey/shared/file"
	"latchkey/shared/job"
	"latchkey/shared/transcript"
	"latchkey/shared/webhook"
)

// Producer makes products.
type Producer struct {
	*Service
	Engines Engines
}

var _ job.Worker = Producer{}

// Work implements job.Worker.
func (s Producer) Work(ctx context.Context, j job.Job) error {
	p, r, err := s.begin(ctx, j)
	if err != nil {
		return err
	}
	if p.ID == "" {
		return s.forget(ctx, j)
	}
	a := Access{Rights: Rights{Edit: true, Export: true, Manage: true}, Recording: r, Who: j.Principal()}
	err = s.make(ctx, a, p)
	switch {
	case fault.Is(err, fault.Stale) || fault.Is(err, fault.NotFound): // it is gone, or another worker has made it?
		if p, _, again := s.begin(ctx, j); again != nil {
			return again
		} else if p.ID == "" {
			return s.forget(ctx, j)
		}
		if fault.Is(err, fault.NotFound) {
			return fault.Wrap(fault.Invalid, err, "%s", fault.As(err).Message)
		}
	case fault.Is(err, fault.Conflict): // its recording is transcribed anew, or full
		return fault.Wrap(fault.Unavailable, err, "%s", fault.As(err).Message)
	}
	if err != nil {
		return err
	}
	return s.forget(ctx, j)
}

// forget has the renderer drop what it keeps of a product that is over.
func (s Producer) forget(ctx context.Context, j job.Job) error {
	if s.Engines.Renderer == nil || j.Kind != job.BurnIn && j.Kind != job.Export {
		return nil
	}
	return s.Engines.Renderer.Forget(ctx, j.Subject)
}

// begin returns the product of a job and its recording, or none if there is
// nothing to do any more, and notes that it is worked on.
func (s Producer) begin(ctx context.Context, j job.Job) (p Product, r Recording, err error) {
	p, err = s.Store.Product(ctx, j.Organization, j.Subject)
	if fault.Is(err, fault.NotFound) || err == nil && p.Ended() {
		return Product{}, r, nil
	}
	if err != nil {
		return p, r, err
	}
	f, err := s.Store.Find(ctx, j.Organization, p.Recording, "")
	if fault.Is(err, fault.NotFound) || err == nil && f.Recording.Deleting {
		return Product{}, r, nil
	}
	if err != nil || p.Status == Processing {
		return p, f.Recording, err
	}
	p, err = s.settle(ctx, p, func(p *Product) { p.Status = Processing })
	if fault.Is(err, fault.Stale) {
		return Product{}, r, nil // it is gone
	}
	return p, f.Recording, err
}

// settle writes a product; Stale if it is another, ended or gone meanwhile.
func (s Producer) settle(ctx context.Context, was Product, to func(*Product)) (Product, error) {
	now := was
	to(&now)
	now.UpdatedAt = s.Now()
	return now, s.Store.ChangeProduct(ctx, was, now)
}

// GiveUp implements job.Worker.
func (s Producer) GiveUp(ctx context.Context, j job.Job, reason string) error {
	p, _, err := s.begin(ctx, j)
	if err == nil && p.ID != "" {
		_, err = s.settle(ctx, p, func(p *Product) { p.Status, p.Reason, p.Source = Failed, reason, "" })
	}
	if err != nil && !fault.Is(err, fault.Stale) {
		return err
	}
	return s.forget(ctx, j)
}

func errNoEngine(which string) error {
	return fault.New(fault.Invalid, "no %s engine is set up", which)
}

func (s Producer) make(ctx context.Context, a Access, p Product) error {
	e := s.Engines
	switch {
	case p.Kind == Translated && e.Translator == nil:
		return errNoEngine("translation")
	case p.Kind == Summarized && e.Summarizer == nil:
		return errNoEngine("summary")
	case (p.Kind == BurnedIn || p.Kind == Exported) && e.Renderer == nil:
		return errNoEngine("video")
	}
	a, err := s.opened(ctx, a, p)
	if err != nil {
		return err
	}
	read, err := s.content(ctx, a.Document)
	if err != nil {
		return err
	}
	switch p.Kind {
	case Translated:
		return s.translate(ctx, a, p, read)
	case Summarized:
		return s.summarize(ctx, a, p, read)
	}
	return s.render(ctx, a, p, read)
}

// opened is the transcript that a product is made of.
func (s Producer) opened(ctx context.Context, a Access, p Product) (Access, error) {
	switch {
	case p.Source != "":
		return s.Own(ctx, a.Who, account.ReadRecordings, p.Recording, p.Source)
	case p.Kind == BurnedIn:
		return s.Main(ctx, a, p.Language)
	}
	return s.Main(ctx, a, "")
}

// translate makes a document of the same segments in another language.
func (s Producer) translate(ctx context.Context, a Access, p Product, read Read) error {
	texts := make([]string, len(read.Transcript.Segments))
	for i, seg := range read.Transcript.Segments {
		texts[i] = seg.Text()
	}
	got, err := s.Engines.Translator.Translate(ctx, read.Language, p.Language, texts)
	if err == nil && len(got) != len(texts) {
		err = fmt.Errorf("%d texts became %d", len(texts), len(got))
	}
	if err != nil {
		return fmt.Errorf("translate: %w", err)
	}
	t := transcript.Transcript{Segments: make([]transcript.Segment, len(got))}
	for i, seg := range read.Transcript.Segments {
		t.Segments[i] = transcript.FromText(seg.Speaker, seg.Start, seg.End, got[i])
	}
	if err := check(t); err != nil {
		return err
	}
	now := s.Now()
	d := Document{ // one that was asked for by an older version has no id yet
		ID: cmp.Or(p.Document, s.IDs.Chars(documentIDLength)), Organization: p.Organization, Recording: p.Recording,
		Filename: cmp.Or(p.Filename, a.Document.Filename), Type: a.Document.Type, Language: p.Language, TimecodeOffset: a.Document.TimecodeOffset, Version: 1,
		CreatedBy: p.CreatedBy, CreatedAt: now, ModifiedAt: now,
	}
	if err := s.put(ctx, &d, t); err != nil {
		return err
	}
	d.Original, d.OriginalSize = d.Content, d.Size
	done := p
	done.Status, done.Document, done.Source, done.UpdatedAt = Completed, d.ID, "", now
	told := s.announce(Recording{ID: p.Recording, Organization: p.Organization, CreatedBy: p.CreatedBy}, webhook.TranslationFinished, d.Language)
	err = s.Store.FinishTranslation(ctx, p, done, d, told)
	if refused(err) {
		s.drop(ctx, d)
	}
	return err
}

// maxInline is the longest text that is kept with its record, in bytes.
const maxInline = 8 << 10

func (s Producer) summarize(ctx context.Context, a Access, p Product, read Read) error {
	text, err := s.Engines.Summarizer.Summarize(ctx, Question{
		Prompt: p.Prompt, Hints: p.Hints, Language: read.Language, Transcript: read.Transcript,
	})
	if err != nil {
		return fmt.Errorf("summarize: %w", err)
	}
	key := ""
	if len(text) > maxInline {
		key = a.Recording.prefix() + "summary-" + s.IDs.Secret() + ".txt.gz"
		if err := s.putText(ctx, key, text); err != nil {
			return err
		}
		text = ""
	}
	_, err = s.settle(ctx, p, func(p *Product) { p.Status, p.Text, p.TextKey = Completed, text, key })
	if key != "" && refused(err) {
		_ = s.Contents.Delete(ctx, key) // it goes with the recording if it stays
	}
	return err
}

// Told returns the text of a summary that is Completed.
func (s *Service) Told(ctx context.Context, p Product) (string, error) {
	if p.TextKey == "" {
		return p.Text, nil
	}
	return s.text(ctx, p.TextKey)
}

// render makes a file of the recording's media.
func (s Producer) render(ctx context.Context, a Access, p Product, read Read) error {
	p, err := s.target(ctx, a, p)
	if err != nil {
		return err
	}
	from, err := s.Files.Get(ctx, a.Who, a.Recording.FileID)
	if fault.Is(err, fault.NotFound) {
		return fault.Wrap(fault.Invalid, err, "the recording's media was deleted")
	}
	if err != nil {
		return err
	}
	body, err := s.rendered(ctx, Media{Object: from.Object(), Type: from.ContentType, Video: a.Recording.Video}, p, read.Transcript)
	if err != nil {
		return fmt.Errorf("render: %w", err)
	}
	defer body.Close()
	if err := s.Files.Fill(ctx, p.Organization, p.File, body); err != nil && !fault.Is(err, fault.NotFound) {
		return err
	}
	f, err := s.Files.Uploaded(ctx, file.UploadPrefix+p.Organization+"/"+p.File)
	switch {
	case err != nil:
		return err
	case f.State != file.Ready:
		return fault.New(fault.Invalid, "its file was deleted, or is no media: %s", cmp.Or(f.Reason, "it is gone"))
	}
	_, err = s.settle(ctx, p, func(p *Product) { p.Status = Completed })
	return err
}

func (s Producer) rendered(ctx context.Context, m Media, p Product, t transcript.Transcript) (io.ReadCloser, error) {
	if p.Kind == BurnedIn {
		return s.Engines.Renderer.BurnIn(ctx, p.ID, m, t, p.BurnIn)
	}
	parts := p.Export.kept(t)
	if err := parts.check(p.Export); err != nil { // it was edited meanwhile
		return nil, err
	}
	return s.Engines.Renderer.Export(ctx, p.ID, m, parts, p.Export.Format)
}

// target gives a product the file that it becomes, the same to each attempt.
func (s Producer) target(ctx context.Context, a Access, p Product) (Product, error) {
	if p.File != "" {
		return p, nil
	}
	f, err := s.Files.Receive(ctx, a.Who, a.Recording.Name, a.Recording.ID)
	if err != nil {
		return p, err
	}
	now, err := s.settle(ctx, p, func(p *Product) { p.File = f.ID })
	if refused(err) { // nobody will ask for this file, and it goes by itself if it cannot be deleted
		_ = s.Files.Delete(ctx, a.Who, f.ID)
	}
	return now, err
}
