package transcribe

import (
	"context"
	"errors"
	"strings"
	"unicode"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/transcribe"
	"github.com/aws/aws-sdk-go-v2/service/transcribe/types"
	"golang.org/x/text/unicode/norm"

	"latchkey/shared/job"
)

// Limits of a vocabulary (Developer Guide, Custom vocabularies).
const (
	maxPhrase = 256    // characters
	maxTable  = 50_000 // bytes
)

// abandoned is when nobody will ask for a vocabulary any more: an account may
// have 100.
const abandoned = 2 * job.MaxAge

// vocabulary reports whether there is one to transcribe with; a job.Later if it
// is being made. It is false if Amazon does not take the keywords.
func (e *Engine) vocabulary(ctx context.Context, name string, language types.LanguageCode, keywords []string) (bool, error) {
	table := tableOf(keywords, language)
	if table == nil {
		return false, nil
	}
	got, err := e.client.GetVocabulary(ctx, &transcribe.GetVocabularyInput{VocabularyName: &name})
	if absent(err) {
		return false, e.create(ctx, name, language, table)
	}
	if err != nil {
		return false, e.wrap("vocabulary", err)
	}
	switch got.VocabularyState {
	case types.VocabularyStateReady:
		return true, nil
	case types.VocabularyStateFailed:
		e.Log.WarnContext(ctx, "keywords not used", "job", name, "cause", aws.ToString(got.FailureReason))
		return false, nil
	}
	return false, job.Later{After: whilePreparing, Progress: 5}
}

func (e *Engine) create(ctx context.Context, name string, language types.LanguageCode, table []byte) error {
	if err := e.collect(ctx); err != nil {
		return err
	}
	if err := e.results.Put(ctx, words(name), table); err != nil {
		return err
	}
	_, err := e.client.CreateVocabulary(ctx, &transcribe.CreateVocabularyInput{
		VocabularyName: &name, LanguageCode: language, VocabularyFileUri: aws.String("s3://" + e.Bucket + "/" + words(name)),
	})
	if _, bad := errors.AsType[*types.BadRequestException](err); bad {
		e.Log.WarnContext(ctx, "keywords not used", "job", name, "cause", err.Error())
		return nil
	}
	if _, there := errors.AsType[*types.ConflictException](err); err != nil && !there {
		return e.wrap("vocabulary", err)
	}
	return job.Later{After: whilePreparing, Progress: 5}
}

// collect removes vocabularies whose runs were cancelled where nobody could.
func (e *Engine) collect(ctx context.Context) error {
	ours := e.name(string(job.Transcribe) + "-")
	got, err := e.client.ListVocabularies(ctx, &transcribe.ListVocabulariesInput{NameContains: &ours, MaxResults: aws.Int32(100)})
	if err != nil {
		return e.wrap("vocabularies", err)
	}
	var errs []error
	for _, v := range got.Vocabularies {
		name := aws.ToString(v.VocabularyName)
		if strings.HasPrefix(name, ours) && v.LastModifiedTime != nil && e.Now().Sub(*v.LastModifiedTime) > abandoned {
			errs = append(errs, e.dropVocabulary(ctx, name))
		}
	}
	return errors.Join(errs...)
}

// dropVocabulary deletes one if it is there.
func (e *Engine) dropVocabulary(ctx context.Context, name string) error {
	_, err := e.client.DeleteVocabulary(ctx, &transcribe.DeleteVocabularyInput{VocabularyName: &name})
	if _, bad := errors.AsType[*types.BadRequestException](err); bad || absent(err) {
		return nil
	}
	return e.wrap("delete vocabulary", err)
}

// tableOf are keywords in Amazon's table, how each is said and how it is
// written; nil if there are none. One that cannot be said is left out.
func tableOf(keywords []string, language types.LanguageCode) []byte {
	table := []byte("Phrase\tSoundsLike\tIPA\tDisplayAs\n")
	empty, seen := len(table), map[string]bool{}
	english := strings.HasPrefix(string(language), "en-")
	for _, k := range keywords {
		p, ok := phrase(k, english)
		line := p + "\t\t\t" + strings.Join(strings.Fields(k), " ") + "\n"
		if !ok || seen[p] || len(table)+len(line) > maxTable {
			continue
		}
		seen[p] = true
		table = append(table, line...)
	}
	if len(table) == empty {
		return nil
	}
	return table
}

// phrase is a keyword as it is said: words joined by hyphens, letters alone but
// for apostrophes and periods, without digits; of English, letters without
// accents.
func phrase(keyword string, english bool) (string, bool) {
	if english {
		keyword = strings.Map(func(r rune) rune {
			if unicode.Is(unicode.Mn, r) {
				return -1
			}
			return r
		}, norm.NFD.String(keyword))
	}
	keyword = strings.ReplaceAll(norm.NFC.String(keyword), "’", "'")
	words := strings.FieldsFunc(keyword, func(r rune) bool { return unicode.IsSpace(r) || strings.ContainsRune(`-,;:!?"()[]/&+_`, r) })
	p := strings.Join(words, "-")
	for _, r := range p {
		letter := unicode.In(r, unicode.L, unicode.M) && (!english || r < unicode.MaxASCII)
		if !letter && !strings.ContainsRune("-'.", r) {
			return "", false
		}
	}
	return p, strings.IndexFunc(p, unicode.IsLetter) >= 0 && len([]rune(p)) <= maxPhrase
}
