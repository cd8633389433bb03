// Package translate has Amazon Translate translate texts, many in a call. It
// refuses to keep anything there.
package translate

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/translate"
	"github.com/aws/aws-sdk-go-v2/service/translate/types"

	"latchkey/shared/engine/translate/pair"
	"latchkey/shared/fault"
	"latchkey/shared/job"
	"latchkey/shared/recording"
)

// Engine is Amazon Translate.
type Engine struct {
	pair.Pairs
	client  *translate.Client
	options func(*translate.Options)
}

var (
	_ recording.Translator = (*Engine)(nil)
	_ recording.Pairs      = (*Engine)(nil)
)

// New returns an Engine. It is patient: Amazon counts bytes in ten seconds.
func New(client *translate.Client) *Engine {
	return &Engine{client: client, options: func(o *translate.Options) { o.RetryMaxAttempts = 8 }}
}

// maxText is how many bytes Amazon translates at once (API Reference,
// TranslateText).
const maxText = 10_000

// Translate implements recording.Translator. Texts go together, a line each;
// if others come back, each goes by itself. Lines of a text are one sentence,
// and are made anew.
func (e *Engine) Translate(ctx context.Context, from, to string, texts []string) ([]string, error) {
	if err := e.Supports(from, to); err != nil {
		return nil, err
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	c := call{Engine: e, from: from, to: to}
	out := make([]string, len(texts))
	for i := 0; i < len(texts); {
		j, size := i, 0
		for ; j < len(texts) && size+len(texts[j]) < maxText; j++ {
			size += len(texts[j]) + 1
		}
		var err error
		if j > i+1 {
			err = c.together(ctx, texts[i:j], out[i:j])
		} else {
			j = i + 1
			out[i], err = c.alone(ctx, plain(texts[i]))
		}
		if err != nil {
			return nil, err
		}
		i = j
		job.Report(ctx, 100*i/len(texts))
	}
	for i := range out {
		out[i] = laidOut(out[i], texts[i])
	}
	return out, nil
}

// call is what is the same for all calls of one translation.
type call struct {
	*Engine
	from, to string
}

// together translates texts in one call, or else each in its own.
func (c call) together(ctx context.Context, texts, out []string) error {
	var lines []string
	var at []int // where each stands in out
	for i, text := range texts {
		if text = plain(text); text != "" {
			lines, at = append(lines, text), append(at, i)
		}
	}
	got, err := c.say(ctx, strings.Join(lines, "\n"))
	if err != nil {
		return err
	}
	back := strings.Split(got, "\n")
	for k, i := range at {
		if len(back) == len(lines) {
			out[i] = back[k]
		} else if out[i], err = c.alone(ctx, lines[k]); err != nil {
			return err
		}
	}
	return nil
}

// alone translates one text, in pieces if it is too long.
func (c call) alone(ctx context.Context, text string) (string, error) {
	var all []string
	for len(text) > 0 {
		part := text
		if len(text) > maxText {
			part = begin(text)
		}
		text = strings.TrimSpace(text[len(part):])
		got, err := c.say(ctx, strings.TrimSpace(part))
		if err != nil {
			return "", err
		}
		all = append(all, got)
	}
	return strings.Join(all, " "), nil
}

// begin is what of a text is translated first: sentences, or else words, or
// else characters.
func begin(text string) string {
	part := text[:maxText]
	for !utf8.RuneStart(text[len(part)]) {
		part = part[:len(part)-1]
	}
	for _, end := range []string{". ", "。", " "} {
		if i := strings.LastIndex(part, end); i > maxText/2 {
			return part[:i+len(end)]
		}
	}
	return part
}

func (c call) say(ctx context.Context, text string) (string, error) {
	if text == "" {
		return "", nil
	}
	got, err := c.client.TranslateText(ctx, &translate.TranslateTextInput{
		SourceLanguageCode: aws.String(pair.Code(c.from)), TargetLanguageCode: aws.String(pair.Code(c.to)), Text: &text,
	}, c.options)
	if err != nil {
		return "", c.wrap(err)
	}
	return aws.ToString(got.TranslatedText), nil
}

// wrap says what an error of Amazon's is.
func (c call) wrap(err error) error {
	if _, none := errors.AsType[*types.UnsupportedLanguagePairException](err); none {
		return pair.Unsupported(c.from, c.to)
	}
	err = fmt.Errorf("translate: %w", err)
	_, size := errors.AsType[*types.TextSizeLimitExceededException](err)
	_, bad := errors.AsType[*types.InvalidRequestException](err)
	_, value := errors.AsType[*types.InvalidParameterValueException](err)
	if size || bad || value {
		return fault.Wrap(fault.Invalid, err, "Amazon Translate does not take the text")
	}
	return err
}

// plain is a text as one line.
func plain(text string) string {
	text = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(text, ""))
	return strings.Join(strings.Fields(text), " ")
}

// laidOut is a translation over as many lines as the text has.
func laidOut(got, text string) string {
	got = plain(got)
	if got == "" {
		return plain(text)
	}
	n := 0
	for line := range strings.Lines(text) {
		if plain(line) != "" {
			n++
		}
	}
	words := strings.Fields(got)
	var b strings.Builder
	line, done, length := 1, 0, utf8.RuneCountInString(got)
	for i, w := range words {
		// A line ends where a next word would be more beyond its share than in it.
		middle := done + utf8.RuneCountInString(w)/2
		switch share := length * line / max(n, 1); {
		case i == 0:
		case line < n && middle > share:
			b.WriteByte('\n')
			line++
		default:
			b.WriteByte(' ')
		}
		b.WriteString(w)
		done += utf8.RuneCountInString(w) + 1
	}
	return b.String()
}
