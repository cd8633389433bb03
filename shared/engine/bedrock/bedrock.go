// Package bedrock has a language model of Amazon Bedrock answer what is asked
// about a transcript. What it is told is that of package chat.
package bedrock

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/bedrockruntime"
	"github.com/aws/aws-sdk-go-v2/service/bedrockruntime/types"
	"github.com/aws/smithy-go"

	"latchkey/shared/engine/chat"
	"latchkey/shared/fault"
	"latchkey/shared/recording"
)

// Engine is a model of Amazon Bedrock.
type Engine struct {
	client  *bedrockruntime.Client
	model   string
	options func(*bedrockruntime.Options)
}

var _ recording.Summarizer = (*Engine)(nil)

// New returns an Engine that asks a model, by its id, or by that or the ARN of
// an inference profile.
func New(client *bedrockruntime.Client, model string) *Engine {
	return &Engine{client, model, func(o *bedrockruntime.Options) { o.RetryMaxAttempts = 6 }}
}

// sizes are how many bytes of a transcript a model is given at a time: what
// fits with most, and less for those that say it is too much.
var sizes = []int{240_000, 48_000, 9_600}

// maxTokens is how long an answer may be: about 1,500 words, which each model
// can write.
const maxTokens = 2048

// Summarize implements recording.Summarizer. Invalid if nothing was said, or
// the model does not answer that; TooLarge if it is too much even in pieces;
// Unavailable if it is busy.
func (e *Engine) Summarize(ctx context.Context, q recording.Question) (string, error) {
	for _, size := range sizes {
		answer, err := chat.Ask(ctx, q, size, e.complete)
		if !errors.Is(err, errTooMuch) {
			return answer, err
		}
	}
	return "", fault.Wrap(fault.TooLarge, errTooMuch, "the transcript or the prompt is too long for the language model")
}

var errTooMuch = errors.New("bedrock: more than the model reads at a time")

func (e *Engine) complete(ctx context.Context, rules, user string) (string, error) {
	got, err := e.client.Converse(ctx, &bedrockruntime.ConverseInput{
		ModelId:         &e.model,
		System:          []types.SystemContentBlock{&types.SystemContentBlockMemberText{Value: rules}},
		Messages:        []types.Message{{Role: types.ConversationRoleUser, Content: []types.ContentBlock{&types.ContentBlockMemberText{Value: user}}}},
		InferenceConfig: &types.InferenceConfiguration{MaxTokens: aws.Int32(maxTokens)},
	}, e.options)
	if err != nil {
		return "", wrap(err)
	}
	text := textOf(got)
	switch got.StopReason {
	case types.StopReasonModelContextWindowExceeded:
		return "", errTooMuch
	case types.StopReasonGuardrailIntervened, types.StopReasonContentFiltered:
		return "", fault.New(fault.Invalid, "the language model does not answer that")
	case types.StopReasonMaxTokens:
		text += " …"
	case types.StopReasonEndTurn, types.StopReasonStopSequence:
	default:
		text = ""
	}
	if strings.Trim(text, " …") == "" {
		return "", fault.Wrap(fault.Unavailable, fmt.Errorf("bedrock: it stopped: %s", got.StopReason), "the language model gave no answer")
	}
	return text, nil
}

// thoughts are what some models write before they answer.
var thoughts = regexp.MustCompile(`(?s)^\s*<think(ing)?>.*?</think(ing)?>`)

func textOf(got *bedrockruntime.ConverseOutput) string {
	out, _ := got.Output.(*types.ConverseOutputMemberMessage)
	if out == nil {
		return ""
	}
	var b strings.Builder
	for _, block := range out.Value.Content {
		if t, ok := block.(*types.ContentBlockMemberText); ok {
			b.WriteString(t.Value)
		}
	}
	return strings.ToValidUTF8(strings.TrimSpace(thoughts.ReplaceAllString(b.String(), "")), "")
}

// tooMuch is how models say that a request has more than they read at a time.
var tooMuch = regexp.MustCompile(`(?i)too long|too many (input )?tokens|context (window|length)|maximum (context|number of) ?(length|tokens)?|exceeds? the (max|limit)`)

// wrap says what an error of Amazon's is. One that an operator has to mend is
// neither for ever nor for the caller's eyes.
func wrap(err error) error {
	var api smithy.APIError
	if !errors.As(err, &api) {
		return fmt.Errorf("bedrock: %w", err)
	}
	switch code := api.ErrorCode(); code {
	case "ValidationException":
		if tooMuch.MatchString(api.ErrorMessage()) {
			return fmt.Errorf("%w: %w", errTooMuch, err)
		}
		return fault.Wrap(fault.Invalid, fmt.Errorf("bedrock: %w", err), "the language model refuses the request")
	case "AccessDeniedException", "ResourceNotFoundException":
		return fmt.Errorf("bedrock: %w", err)
	}
	return fault.Wrap(fault.Unavailable, fmt.Errorf("bedrock: %w", err), "the language model is busy")
}
