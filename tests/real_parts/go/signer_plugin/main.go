// A stand-in for AWS's Signer plugin (github.com/aws/aws-signer-notation-plugin v1.0.350), for
// machines that cannot get it. It is written on the same plugin framework and the same version of
// the AWS SDK, and does what the plugin's documentation says and its runs have shown: the same
// calls of the service, the same checks, the same words where somebody reads them.
package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/notaryproject/notation-plugin-framework-go/cli"
	"github.com/notaryproject/notation-plugin-framework-go/plugin"
)

const name = "com.amazonaws.signer.notation.plugin"

// signerPlugin answers the commands of the Notary Project's plugin contract.
type signerPlugin struct{}

func main() {
	ctx := context.Background()
	logCommand()
	program, err := cli.New(signerPlugin{})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	program.Execute(ctx, os.Args)
}

func (signerPlugin) GetMetadata(context.Context, *plugin.GetMetadataRequest) (*plugin.GetMetadataResponse, error) {
	return &plugin.GetMetadataResponse{
		Name:                      name,
		Description:               "AWS Signer plugin for Notation (stand-in of the tests)",
		Version:                   "1.0.350",
		URL:                       "https://docs.aws.amazon.com/signer",
		SupportedContractVersions: []string{plugin.ContractVersion},
		Capabilities: []plugin.Capability{
			plugin.CapabilityEnvelopeGenerator,
			plugin.CapabilityTrustedIdentityVerifier,
			plugin.CapabilityRevocationCheckVerifier,
		},
	}, nil
}

func (signerPlugin) DescribeKey(context.Context, *plugin.DescribeKeyRequest) (*plugin.DescribeKeyResponse, error) {
	return nil, plugin.NewUnsupportedError("DescribeKey operation")
}

func (signerPlugin) GenerateSignature(context.Context, *plugin.GenerateSignatureRequest) (*plugin.GenerateSignatureResponse, error) {
	return nil, plugin.NewUnsupportedError("GenerateSignature operation")
}

// logCommand leaves a trace where the real plugin writes whole requests when it is told to debug,
// so that a test can see whether the variable reached it.
func logCommand() {
	folder, err := os.UserConfigDir()
	if os.Getenv("AWS_SIGNER_NOTATION_PLUGIN_DEBUG") != "true" || err != nil {
		return
	}
	folder = filepath.Join(folder, "notation-aws-signer")
	if os.MkdirAll(folder, 0o700) != nil {
		return
	}
	file, err := os.OpenFile(filepath.Join(folder, "plugin.log"), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err == nil {
		defer file.Close()
		fmt.Fprintln(file, os.Args[1:])
	}
}
