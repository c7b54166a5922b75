using System.Globalization;
using Idempotency.AspNetCore.Endpoints;
using Idempotency.AspNetCore.Responses;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace Idempotency.AspNetCore;

/// <summary>Describes the key, the replay and the refusals in the application's OpenAPI document.</summary>
internal sealed class KeyDescription : IOpenApiOperationTransformer
{
    public Task TransformAsync(OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(operation);
        ArgumentNullException.ThrowIfNull(context);
        var metadata = context.Description.ActionDescriptor.EndpointMetadata;
        var policy = metadata.OfType<KeyPolicy>().FirstOrDefault() ?? OfAction(context);
        if (context.Description.HttpMethod is { } method && policy?.OperationOf(method) is not null)
        {
            Describe(operation, policy);
        }

        return Task.CompletedTask;
    }

    private static KeyPolicy? OfAction(OpenApiOperationTransformerContext context)
    {
        var action = context.Description.ActionDescriptor;
        return action.EndpointMetadata.OfType<IIdempotencyKeyMetadata>().Any()
            ? GuardedEndpoint.PolicyOf(context.ApplicationServices, action.EndpointMetadata, action.DisplayName, route: null)
            : null;
    }

    private static void Describe(OpenApiOperation operation, KeyPolicy policy)
    {
        var options = policy.Options;
        (operation.Parameters ??= []).Add(new OpenApiParameter
        {
            Name = options.HeaderName,
            In = ParameterLocation.Header,
            Required = options.IsRequired,
            Description = "Identifies what is to be done, so that it is done once however often the request is sent. " +
                (options.AcceptsBareKeys ? "Text, with or without double quotes." : "A structured field string (RFC 9651): text in double quotes."),
            Schema = new OpenApiSchema { Type = JsonSchemaType.String, MinLength = 1, MaxLength = options.MaxKeyLength + (options.AcceptsBareKeys ? 0 : 2) },
        });

        operation.Responses ??= [];
        foreach (var response in operation.Responses.Values.OfType<OpenApiResponse>())
        {
            (response.Headers ??= new Dictionary<string, IOpenApiHeader>())[ResponseSending.ReplayedHeader] = new OpenApiHeader
            {
                Description = "true when this is the response to an earlier request with the same key.",
                Schema = new OpenApiSchema { Type = JsonSchemaType.Boolean },
            };
        }

        Refusal(operation, 400, "The key is missing or is not one.");
        Refusal(operation, 409, "The first request with this key is still running, or its response cannot be given again.");
        Refusal(operation, options.KeyReusedStatus, "The key was used with another request.");
    }

    private static void Refusal(OpenApiOperation operation, int status, string description)
    {
        var code = status.ToString(CultureInfo.InvariantCulture);
        if (operation.Responses!.TryGetValue(code, out var present))
        {
            // The endpoint has one of its own; what it says about it stays.
            present.Description = string.IsNullOrEmpty(present.Description) ? description : $"{present.Description} {description}";
            return;
        }

        operation.Responses[code] = new OpenApiResponse
        {
            Description = description,
            Content = new Dictionary<string, OpenApiMediaType>
            {
                ["application/problem+json"] = new OpenApiMediaType
                {
                    Schema = new OpenApiSchema
                    {
                        Type = JsonSchemaType.Object,
                        Properties = new Dictionary<string, IOpenApiSchema>
                        {
                            ["type"] = new OpenApiSchema { Type = JsonSchemaType.String },
                            ["title"] = new OpenApiSchema { Type = JsonSchemaType.String },
                            ["status"] = new OpenApiSchema { Type = JsonSchemaType.Integer },
                            ["detail"] = new OpenApiSchema { Type = JsonSchemaType.String },
                        },
                    },
                },
            },
        };
    }
}
