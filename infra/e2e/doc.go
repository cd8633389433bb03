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
//	LATCHKEY_E2E_WITHOUT    what that stack lacks, of: async (streams and
//	                        queues), binary (bodies that are not UTF-8),
//	                        exact (a table that is, and fast, when raced),
//	                        inbox, other. What is left out is printed, which
//	                        "go test" shows when run in this folder, or with -v.
//
// With LATCHKEY_FUNCTIONS, a folder that "sam build" made, the local stack
// runs those binaries as processes, over the DynamoDB at
// AWS_ENDPOINT_URL_DYNAMODB, and in the end what they asked AWS for must be
// what template.yaml grants them, no less and no more.
package e2e
