package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/signer"
	"github.com/aws/smithy-go"
	"github.com/notaryproject/notation-plugin-framework-go/plugin"
)

// newClient follows the keys of --plugin-config; without aws-region the region is that of the AWS
// configuration, never that of the profile's ARN.
func newClient(ctx context.Context, settings map[string]string) (*signer.Client, error) {
	var options []func(*config.LoadOptions) error
	if region := settings["aws-region"]; region != "" {
		options = append(options, config.WithRegion(region))
	}
	if profile := settings["aws-profile"]; profile != "" {
		options = append(options, config.WithSharedConfigProfile(profile))
	}
	loaded, err := config.LoadDefaultConfig(ctx, options...)
	if err != nil {
		return nil, plugin.NewValidationErrorf("Unable to load AWS configuration. Error: %s", err)
	}
	return signer.NewFromConfig(loaded, func(chosen *signer.Options) {
		if url := settings["aws-signer-endpoint-url"]; url != "" {
			chosen.BaseEndpoint = aws.String(url)
		}
	}), nil
}

// asPluginError maps the service's errors to those of the plugin contract; only one of its two
// names for throttling is known to the real plugin, and what it does not know is a plain ERROR.
func asPluginError(err error) error {
	var answered smithy.APIError
	if !errors.As(err, &answered) {
		return plugin.NewGenericErrorf("Failed to call AWSSigner. Error: %s.", err)
	}
	message := fmt.Sprintf("Failed to call AWSSigner. Error: %s.", answered.ErrorMessage())
	var response *awshttp.ResponseError
	if errors.As(err, &response) {
		message += fmt.Sprintf(" RequestID: %s.", response.RequestID)
	}
	return plugin.NewError(codeOf(answered.ErrorCode()), message)
}

func codeOf(name string) plugin.ErrorCode {
	switch name {
	case "ResourceNotFoundException", "NotFoundException", "ValidationException", "BadRequestException":
		return plugin.ErrorCodeValidation
	case "AccessDeniedException":
		return plugin.ErrorCodeAccessDenied
	case "ThrottlingException":
		return plugin.ErrorCodeThrottled
	}
	return plugin.ErrorCodeGeneric
}
