package recording

import (
	"cmp"
	"context"
	"strings"

	"latchkey/shared/account"
	"latchkey/shared/fault"
	"latchkey/shared/job"
	"latchkey/shared/transcript"
	"latchkey/shared/webhook"
)

// blocked is why nothing is transcribed for an organization in that standing.
const blocked = "transcription is blocked for the organization"

// transcribe begins a run of the engine that writes down what is said, or
// finds when what is given is said, and returns its job.
func (s *Service) transcribe(r *Recording, by string) job.Job {
	r.Run, r.Status, r.Reason = s.IDs.Chars(idLength), Transcribing, ""
	if r.Script != "" {
		r.Status = Aligning
	}
	return job.New(job.Transcribe, account.Principal{Organization: r.Organization, User: by}, r.ID+"/"+r.Run)
}

// Retranscription is what an engine is told that transcribes anew: nil fields
// stay as they are.
type Retranscription struct {
	Language           *string
	Keywords, Speakers *[]string
	Multichannel       *bool
	Callback           *string // "" for none
	Script             string  // text to be aligned with, or "" to transcribe
	Source             string  // URL of new media, or ""
	Media              []byte  // the new media itself, or nil
}

// Retranscribe has a's recording transcribed anew. What is written takes the
// place of the transcript in that language, unless that is changed or finished
// meanwhile: then it is a document of its own. If it fails, what was there stays,
// and so does the media until there is new media that can be used.
// Conflict while it is worked on, without any media, and if the transcript is
// finished; Forbidden if the organization is blocked.
func (s *Service) Retranscribe(ctx context.Context, a Access, n Retranscription) (Recording, error) {
	if !a.Manage {
		return Recording{}, errForbidden("have the recording transcribed")
	}
	if a.Who.Standing == account.Blocked {
		return Recording{}, fault.New(fault.Forbidden, blocked)
	}
	for attempt := 1; ; attempt++ {
		r, err := s.retranscribe(ctx, a, n)
		if !fault.Is(err, fault.Stale) || attempt == changeAttempts {
			return r, err
		}
		if a, err = s.Own(ctx, a.Who, account.WriteRecordings, a.Recording.ID, ""); err != nil {
			return Recording{}, err
		}
	}
}

func (s *Service) retranscribe(ctx context.Context, a Access, n Retranscription) (Recording, error) {
	was := a.Recording
	now, err := n.applied(was)
	if err == nil {
		callback := ""
		set(&callback, n.Callback)
		err = s.reaches(ctx, n.Source, callback)
	}
	if err != nil {
		return was, err
	}
	switch {
	case was.Fetching || was.Status == Transcribing || was.Status == Aligning:
		return was, errWorkedOn()
	case !was.HasMedia() && !n.replaces():
		return was, fault.New(fault.Conflict, "the recording has no media yet")
	}
	documents, err := s.documents(ctx, was)
	if err != nil {
		return was, err
	}
	d, _ := inLanguage(documents, now.Language)
	if d.Finished {
		return was, errFinished()
	}
	now.Replaces, now.Script = d.Content, ""
	if err := s.script(ctx, &now, n.Script); err != nil {
		return was, err
	}
	if now, err = s.restart(ctx, a.Who, was, now, n); err == nil {
		s.dropScript(ctx, was)
	} else if refused(err) {
		s.dropScript(ctx, now)
	}
	return now, err
}

// applied is the recording with what an engine is to be told now.
func (n Retranscription) applied(r Recording) (Recording, error) {
	set(&r.Language, n.Language)
	set(&r.Keywords, n.Keywords)
	set(&r.Speakers, n.Speakers)
	set(&r.Multichannel, n.Multichannel)
	set(&r.Callback, n.Callback)
	return r, NewRecording{
		Language: r.Language, Keywords: r.Keywords, Speakers: r.Speakers, Callback: r.Callback, Script: n.Script, Source: n.Source,
	}.validate()
}

// Scribe does the runs that transcribe began.
type Scribe struct {
	*Service
	Engines Engines
}

var _ job.Worker = Scribe{}

// Work implements job.Worker.
func (s Scribe) Work(ctx context.Context, j job.Job) error {
	r, err := s.running(ctx, j)
	if err != nil || r.ID == "" {
		return s.forget(ctx, j, err)
	}
	t, err := s.write(ctx, j, r)
	if err == nil {
		err = s.keep(ctx, r, t)
	}
	if !fault.Is(err, fault.Stale) && !fault.Is(err, fault.NotFound) {
		return s.forget(ctx, j, err)
	}
	if r, again := s.running(ctx, j); again != nil || r.ID == "" {
		return s.forget(ctx, j, again) // it is gone, or was given a transcript meanwhile
	}
	return err
}

// forget has the engine drop what it keeps of a run that came to err, if that
// is over.
func (s Scribe) forget(ctx context.Context, j job.Job, err error) error {
	if e, ok := s.Engines.Transcriber.(Forgetter); ok && err == nil {
		return e.Forget(ctx, j.ID)
	}
	return err
}

// running returns the recording of a job, or none if that run is over.
func (s Scribe) running(ctx context.Context, j job.Job) (Recording, error) {
	id, run, _ := strings.Cut(j.Subject, "/")
	f, err := s.Store.Find(ctx, j.Organization, id, "")
	r := f.Recording
	if fault.Is(err, fault.NotFound) || err == nil && (r.Deleting || r.Run != run || r.Status != Transcribing && r.Status != Aligning) {
		return Recording{}, nil
	}
	return r, err
}

// write has an engine make the transcript.
func (s Scribe) write(ctx context.Context, j job.Job, r Recording) (t transcript.Transcript, _ error) {
	if r.Status == Transcribing && s.Engines.Transcriber == nil || r.Status == Aligning && s.Engines.Aligner == nil {
		return t, fault.New(fault.Invalid, noEngine)
	}
	f, err := s.Files.Get(ctx, j.Principal(), r.FileID)
	if fault.Is(err, fault.NotFound) {
		return t, fault.Wrap(fault.Invalid, err, "its media was deleted")
	}
	if err != nil {
		return t, err
	}
	speech := Speech{
		ID:       j.ID,
		Media:    Media{Object: f.Object(), Type: f.ContentType, Video: r.Video},
		Language: r.Language, Keywords: r.Keywords, Diarization: r.Diarization, Punctuation: r.Punctuation,
		PerChannel: r.Multichannel, Speakers: r.Speakers,
	}
	if r.Status == Transcribing {
		t, err = s.Engines.Transcriber.Transcribe(ctx, speech)
	} else {
		var text string
		if text, err = s.text(ctx, r.Script); err == nil {
			t, err = s.Engines.Aligner.Align(ctx, speech, text)
		}
	}
	if err != nil {
		return t, err
	}
	if len(t.Segments) == 0 {
		return t, fault.New(fault.Invalid, "nobody is heard to speak in it")
	}
	if t, err = (NewDocument{}).cut(t, r.DocumentType); err == nil {
		err = check(t)
	}
	return t, err
}

// stays is why what was written anew is a document of its own.
const stays = "the transcript was changed or finished meanwhile and stays, the new one is another document"

// keep makes what was written the transcript of a recording, in place of the
// one that it was asked for instead of, as long as that is as it was then.
func (s Scribe) keep(ctx context.Context, r Recording, t transcript.Transcript) error {
	documents, err := s.documents(ctx, r)
	if err != nil {
		return err
	}
	now := s.Now()
	was, _ := inLanguage(documents, r.Language)
	if was.ID != "" && (was.Finished || was.Content != r.Replaces) {
		was, r.Reason = Document{}, stays
	}
	d := was
	if d.ID == "" {
		d = Document{
			ID: s.IDs.Chars(documentIDLength), Organization: r.Organization, Recording: r.ID, Filename: r.Name,
			Type: cmp.Or(r.DocumentType, Transcript), Language: r.Language, TimecodeOffset: "00:00:00:00", CreatedBy: r.CreatedBy, CreatedAt: now,
		}
	}
	d.Version, d.ModifiedAt = d.Version+1, now
	if err := s.put(ctx, &d, t); err != nil {
		return err
	}
	if was.ID == "" {
		d.Original, d.OriginalSize = d.Content, d.Size
	}
	err = s.Store.FinishRun(ctx, r, was, d, s.announce(r, webhook.TranscriptionFinished, ""))
	switch {
	case err == nil && was.Content != "" && was.Content != was.Original:
		s.drop(ctx, was)
	case refused(err):
		s.drop(ctx, d)
	}
	return err
}

// GiveUp implements job.Worker.
func (s Scribe) GiveUp(ctx context.Context, j job.Job, reason string) error {
	r, err := s.running(ctx, j)
	if err != nil || r.ID == "" {
		return s.forget(ctx, j, err)
	}
	now, jobs, err := s.inVain(ctx, r, reason)
	if err != nil {
		return err
	}
	return s.forget(ctx, j, s.Store.ChangeMedia(ctx, r, now, s.Now(), jobs...))
}
