// Package browser drives the page of a shared document in a real Chromium,
// against the local stack, as its readers and editors would. It is a module
// of its own, so that the driver stays out of what is deployed, and knows no
// package of ours.
//
// "make browser" runs it. It needs Chromium and npm, which brings axe-core,
// the judge of what assistive technology can make of a page. SHOTS names a
// folder for screenshots of every state, to be looked at.
package browser
