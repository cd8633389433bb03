// Package budget holds the project to what it promised about its own shape:
// how large a function may be, what it may link, which way imports point,
// that routes, OpenAPI documents and template.yaml say the same, what the stack
// must keep (rules_test.go), and how long a file may be. It is all tests; a
// number that changes here is a decision.
package budget
