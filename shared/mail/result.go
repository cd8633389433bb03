package mail

import (
	"errors"
	"fmt"
	"net"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/sesv2/types"
	"github.com/aws/smithy-go"
)

const (
	reasonThrottled = "the mail service takes no more messages at the moment"
	reasonRejected  = "the mail service refused the message"
	reasonSetup     = "the mail service is not set up to send this message"
	reasonUnknown   = "it is not known whether the message was sent"
	reasonOffline   = "the mail service could not be reached"
)

// entry translates one message's status. FAILED says neither that the message
// was refused nor that it may be tried again.
func entry(r types.BulkEmailEntryResult) Result {
	if r.Status == types.BulkEmailStatusSuccess {
		return Result{State: Sent, MessageID: aws.ToString(r.MessageId)}
	}
	out := Result{Cause: fmt.Errorf("mail: %s: %s", r.Status, aws.ToString(r.Error))}
	switch r.Status {
	case types.BulkEmailStatusAccountThrottled, types.BulkEmailStatusAccountDailyQuotaExceeded, types.BulkEmailStatusTransientFailure:
		out.State, out.Reason = Throttled, reasonThrottled
	case types.BulkEmailStatusMessageRejected, types.BulkEmailStatusInvalidParameter, "INVALID_PARAMETER_VALUE":
		out.State, out.Reason = Rejected, reasonRejected
	case types.BulkEmailStatusMailFromDomainNotVerified, types.BulkEmailStatusConfigurationSetNotFound, "CONFIGURATION_SET_DOES_NOT_EXIST",
		types.BulkEmailStatusTemplateNotFound, "TEMPLATE_DOES_NOT_EXIST", types.BulkEmailStatusInvalidSendingPoolName,
		types.BulkEmailStatusAccountSuspended, types.BulkEmailStatusAccountSendingPaused, types.BulkEmailStatusConfigurationSetSendingPaused:
		out.State, out.Reason = Rejected, reasonSetup
	default:
		out.State, out.Reason = Unknown, reasonUnknown
	}
	return out
}

// failure translates the failure of a whole call. Only an answer of SES, or
// that no connection came about, proves that nothing was sent.
func failure(err error) Result {
	cause := fmt.Errorf("mail: send: %w", err)
	var api smithy.APIError
	var resp *awshttp.ResponseError
	status := 0
	if errors.As(err, &resp) {
		status = resp.HTTPStatusCode()
	}
	switch {
	case status == 429 || errors.As(err, &api) && throttling(api.ErrorCode()):
		return Result{State: Throttled, Reason: reasonThrottled, Cause: cause}
	case status == 408 || status >= 500 || status == 0 && errors.As(err, &api) && api.ErrorFault() == smithy.FaultServer:
		return Result{State: Unknown, Reason: reasonUnknown, Cause: cause}
	case status >= 400 || errors.As(err, &api):
		return Result{State: Rejected, Reason: refusal(api), Cause: cause}
	case unsent(err):
		return Result{State: Throttled, Reason: reasonOffline, Cause: cause}
	}
	return Result{State: Unknown, Reason: reasonUnknown, Cause: cause}
}

func throttling(code string) bool {
	switch code {
	case "TooManyRequestsException", "LimitExceededException", "ThrottlingException", "Throttling", "RequestLimitExceeded":
		return true
	}
	return false
}

// refusal returns what the sender may know: SES's own words name accounts,
// identities and policies.
func refusal(api smithy.APIError) string {
	if api != nil && (api.ErrorCode() == "MessageRejected" || api.ErrorCode() == "BadRequestException") {
		return reasonRejected
	}
	return reasonSetup
}

// unsent reports whether the request certainly never left, because its
// connection was not made.
func unsent(err error) bool {
	var dns *net.DNSError
	var op *net.OpError
	return errors.As(err, &dns) || errors.As(err, &op) && op.Op == "dial"
}
