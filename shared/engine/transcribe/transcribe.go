// Package transcribe has Amazon Transcribe write down what is said. The media
// never leaves the bucket: Amazon reads it there and writes its result beside
// it, in the function's name. The work goes on at Amazon for minutes, so that
// it is asked about again and again. It refuses to tell more than two channels
// apart, which Amazon cannot.
package transcribe

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/transcribe"
	"github.com/aws/aws-sdk-go-v2/service/transcribe/types"

	"latchkey/shared/fault"
	"latchkey/shared/job"
	"latchkey/shared/recording"
	"latchkey/shared/transcript"
)

// Results are the objects that Amazon writes, and reads besides media.
type Results interface {
	Put(ctx context.Context, key string, body []byte) error
	Get(ctx context.Context, key string) ([]byte, error)
	Delete(ctx context.Context, key string) error
}

// Config is what an Engine needs to know.
type Config struct {
	Bucket string // of the media, and of what Amazon writes
	Stack  string // what names begin with: those of others are left alone
	Now    func() time.Time
	Log    *slog.Logger
}

// Engine is Amazon Transcribe.
type Engine struct {
	client  *transcribe.Client
	results Results
	Config
}

var (
	_ recording.Transcriber = (*Engine)(nil)
	_ recording.Aligner     = (*Engine)(nil)
	_ recording.Forgetter   = (*Engine)(nil)
)

// New returns an Engine.
func New(client *transcribe.Client, results Results, c Config) *Engine {
	return &Engine{client, results, c}
}

// How long until it is looked again. Amazon tells when it is done, but does not
// promise to.
const (
	whileTranscribing = 2 * time.Minute
	whilePreparing    = 30 * time.Second // of a vocabulary
)

// Transcribe implements recording.Transcriber. The job at Amazon is named after
// the Speech's ID, so that it is started once.
func (e *Engine) Transcribe(ctx context.Context, s recording.Speech) (t transcript.Transcript, _ error) {
	languages, err := languagesOf(s.Language)
	if err != nil {
		return t, err
	}
	if s.PerChannel && len(s.Speakers) > maxChannels {
		return t, errChannels()
	}
	name := e.name(s.ID)
	got, err := e.client.GetTranscriptionJob(ctx, &transcribe.GetTranscriptionJobInput{TranscriptionJobName: &name})
	if absent(err) {
		return t, e.begin(ctx, name, languages, s)
	}
	if err != nil {
		return t, e.wrap("look", err)
	}
	switch done := got.TranscriptionJob; done.TranscriptionJobStatus {
	case types.TranscriptionJobStatusCompleted:
		return e.read(ctx, name, s)
	case types.TranscriptionJobStatusFailed:
		return t, e.failed(ctx, name, aws.ToString(done.FailureReason))
	}
	return t, job.Later{After: whileTranscribing, Progress: 50}
}

// Align implements recording.Aligner: what is heard has the times.
func (e *Engine) Align(ctx context.Context, s recording.Speech, text string) (transcript.Transcript, error) {
	heard, err := e.Transcribe(ctx, s)
	if err == nil && len(heard.Segments) == 0 {
		err = fault.New(fault.Invalid, "nothing is heard that the text could be aligned with")
	}
	if err != nil {
		return transcript.Transcript{}, err
	}
	return transcript.Align(text, heard), nil
}

// name is that of Amazon's job and vocabulary, of at most 200 of the characters
// 0-9a-zA-Z._- (API Reference, StartTranscriptionJob). functions/events reads
// the ID from it.
func (e *Engine) name(id string) string { return e.Stack + "-" + id }

// result is the key of what Amazon writes, and words that of the keywords that
// it reads.
func result(name string) string { return "engines/" + name + ".json" }
func words(name string) string  { return "engines/" + name + ".txt" }

// maxSpeakers is how many voices are told apart unless it is known how many
// there are: Amazon wants to be told a number, from 2 to 30.
const (
	maxSpeakers = 10
	maxLabels   = 30
	maxChannels = 2
)

func errChannels() error {
	return fault.New(fault.Invalid, "it has more than %d channels, and Amazon Transcribe takes no more", maxChannels)
}

// begin starts Amazon's job, once its vocabulary is ready. If that cannot be
// made it does without: keywords are hints. Mixed languages have none.
func (e *Engine) begin(ctx context.Context, name string, languages []types.LanguageCode, s recording.Speech) error {
	settings := types.Settings{}
	switch {
	case s.PerChannel: // not together with speakers
		settings.ChannelIdentification = aws.Bool(true)
	case s.Diarization:
		n := maxSpeakers
		if len(s.Speakers) > 1 {
			n = min(len(s.Speakers), maxLabels)
		}
		settings.ShowSpeakerLabels, settings.MaxSpeakerLabels = aws.Bool(true), aws.Int32(int32(n))
	}
	in := transcribe.StartTranscriptionJobInput{
		TranscriptionJobName: &name, MediaFormat: formats[s.Type], Settings: &settings,
		Media:            &types.Media{MediaFileUri: aws.String("s3://" + e.Bucket + "/" + s.Object)},
		OutputBucketName: &e.Bucket, OutputKey: aws.String(result(name)),
	}
	if len(languages) > 1 {
		in.IdentifyMultipleLanguages, in.LanguageOptions = aws.Bool(true), languages
	} else if in.LanguageCode = languages[0]; len(s.Keywords) > 0 {
		ready, err := e.vocabulary(ctx, name, in.LanguageCode, s.Keywords)
		if err != nil {
			return err
		}
		if ready {
			settings.VocabularyName = &name
		}
	}
	_, err := e.client.StartTranscriptionJob(ctx, &in)
	if _, there := errors.AsType[*types.ConflictException](err); err != nil && !there {
		return e.wrap("start", err)
	}
	return job.Later{After: whileTranscribing, Progress: 10}
}

// formats are those of types whose bytes say for certain what they are. At the
// others Amazon looks itself: it fails where it finds another than it is told.
var formats = map[string]types.MediaFormat{
	"audio/mpeg": types.MediaFormatMp3, "video/mp4": types.MediaFormatMp4, "audio/wav": types.MediaFormatWav, "audio/flac": types.MediaFormatFlac,
	"audio/ogg": types.MediaFormatOgg, "audio/amr": types.MediaFormatAmr, "audio/webm": types.MediaFormatWebm, "video/webm": types.MediaFormatWebm,
}

// failed is why Amazon's job failed. If that is Amazon's own fault the job is
// taken away, so that the next attempt is a new one.
func (e *Engine) failed(ctx context.Context, name, reason string) error {
	if strings.Contains(strings.ToLower(reason), "internal") {
		return errors.Join(fmt.Errorf("transcribe: failed: %s", reason), e.drop(ctx, name))
	}
	return e.refused(reason, errors.New("failed"))
}

// drop deletes Amazon's job, if there is one that has ended.
func (e *Engine) drop(ctx context.Context, name string) error {
	_, err := e.client.DeleteTranscriptionJob(ctx, &transcribe.DeleteTranscriptionJobInput{TranscriptionJobName: &name})
	if _, bad := errors.AsType[*types.BadRequestException](err); bad { // there is none, or it is not done yet
		return nil
	}
	return e.wrap("delete", err)
}

func (e *Engine) read(ctx context.Context, name string, s recording.Speech) (transcript.Transcript, error) {
	body, err := e.results.Get(ctx, result(name))
	if err != nil {
		return transcript.Transcript{}, err
	}
	return parse(body, s)
}

// Forget implements recording.Forgetter. A job that is not done yet stays at
// Amazon for 90 days, and its result in the bucket for two.
func (e *Engine) Forget(ctx context.Context, id string) error {
	name := e.name(id)
	return errors.Join(e.drop(ctx, name), e.dropVocabulary(ctx, name), e.results.Delete(ctx, result(name)), e.results.Delete(ctx, words(name)))
}
