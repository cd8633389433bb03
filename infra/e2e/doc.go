// Package e2e drives a running stack as its clients would, over HTTP alone:
// stories in testdata/scripts, each in plain commands (see commands), and a
// few tests that need loops or a machine to pull the plug of. It knows no
// package of ours.
//
// Without BASE_URL the tests build and start the local stack, and end it.
// With BASE_URL they drive the stack there:
//
//	LATCHKEY_KEY            an admin's API key
//	LATCHKEY_OTHER_KEY      an admin's API key of another organization
//	LATCHKEY_INBOX          URL of an inbox that lists its messages as JSON
//	LATCHKEY_E2E_WITHOUT    what that stack lacks, see below. What is left out
//	                        is printed, which "go test" shows when run in this
//	                        folder, or with -v.
//
// A stack may lack these, and "sam local start-api" (SAM CLI 1.170) lacks all
// but inbox and other:
//
//	async     streams, queues, schedules, and the events of S3 and SES: the
//	          trail has no opens and downloads, mail is never said to be
//	          delivered, mail that was put off stays so, and an upload by form
//	          is found ready only by who asks for the file itself
//	binary    request bodies that are not UTF-8 (502) or above 6 MB (500): a
//	          file that is no text is uploaded to S3
//	exact     many requests at once: each function does one after the other, so
//	          the race would take minutes and prove nothing. A table in moto
//	          lacks the speed too, unless .ci/moto serves it
//	gateway   API Gateway's own answers: 404 where no route leads (sam local
//	          says 403, and takes // for /) and 405 for a method unheard of
//	inbox     an inbox
//	other     a key of another organization
//	receiver  a way to this machine, for webhooks: only a stack of our own has it
//
// Nor does it throttle, log access, keep names of headers in lower case, or
// tell requests apart (all of a run have one id, one time and one address),
// which no story asks for.
//
// A stack of our own has no engines, so that the stories need Go alone. Those
// in testdata/engines are told with "go test -tags engines", on a machine that
// has what infra/local/engines.txt lists.
//
// With LATCHKEY_FUNCTIONS, a folder that "sam build" made, the local stack
// runs those binaries as processes, over the DynamoDB at
// AWS_ENDPOINT_URL_DYNAMODB. Then testdata/processes calls them directly too,
// as AWS does, for what no story has them do, and in the end what they asked
// AWS for must be what template.yaml grants them, no less and no more.
package e2e
