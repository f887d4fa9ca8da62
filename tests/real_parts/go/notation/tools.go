//go:build tools

// Package tools pins the notation that the tests build: go.sum holds every module's checksum.
package tools

import _ "github.com/notaryproject/notation/cmd/notation"
