// Package browser tests the service as people use it: Chromium opens the pages of a real newswire, and clicks.
//
//	make browser    # from the repository's root
//	make pictures   # makes docs/pictures again, which README shows
//
// It knows the service by its command, its config and its pages alone.
package browser
