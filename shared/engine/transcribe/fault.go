package transcribe

import (
	"errors"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/transcribe/types"

	"latchkey/shared/fault"
)

// absent tells that there is no such thing. Amazon calls it a bad request too.
func absent(err error) bool {
	if _, none := errors.AsType[*types.NotFoundException](err); none {
		return true
	}
	bad, ok := errors.AsType[*types.BadRequestException](err)
	return ok && strings.Contains(bad.ErrorMessage(), "couldn't be found")
}

// wrap says what an error of Amazon's is: a bad request will be one for ever.
func (e *Engine) wrap(what string, err error) error {
	if err == nil {
		return nil
	}
	err = fmt.Errorf("transcribe: %s: %w", what, err)
	if bad, ok := errors.AsType[*types.BadRequestException](err); ok {
		return e.refused(bad.ErrorMessage(), err)
	}
	return err
}

// refused is why Amazon does not transcribe it. What it says is for people,
// unless it names what is ours.
func (e *Engine) refused(reason string, cause error) error {
	reason = strings.TrimSpace(reason)
	if strings.Contains(strings.ToLower(reason), "channels too large") {
		return fault.Wrap(fault.Invalid, errors.Join(cause, errors.New(reason)), "%s", fault.As(errChannels()).Message)
	}
	for _, ours := range []string{e.Bucket, e.Stack, "s3:", "S3", "arn:", "http", "role", "engines/", "media/"} {
		if strings.Contains(reason, ours) {
			return fault.Wrap(fault.Invalid, errors.Join(cause, errors.New(reason)), "Amazon Transcribe cannot read it")
		}
	}
	if reason == "" {
		return fault.Wrap(fault.Invalid, cause, "Amazon Transcribe cannot transcribe it")
	}
	return fault.Wrap(fault.Invalid, cause, "Amazon Transcribe cannot transcribe it: %s", reason)
}
