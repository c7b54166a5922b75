using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Idempotency.AspNetCore.Tests;

/// <summary>How guarded endpoints fit into an application: its start, CORS, OpenAPI, traces and metrics.</summary>
public sealed class ApplicationTests
{
    public static TheoryData<string, Action<IdempotencyKeyOptions>> Wrong => new()
    {
        { nameof(IdempotencyKeyOptions.HeaderName), static options => options.HeaderName = "Idempotency Key" },
        { nameof(IdempotencyKeyOptions.Methods), static options => options.Methods.Add("") },
        { nameof(IdempotencyKeyOptions.MaxKeyLength), static options => options.MaxKeyLength = 0 },
        { nameof(IdempotencyKeyOptions.MaxRequestBytes), static options => options.MaxRequestBytes = -1 },
        { nameof(IdempotencyKeyOptions.MaxResponseBytes), static options => options.MaxResponseBytes = -1 },
        { nameof(IdempotencyKeyOptions.RequestBytesInMemory), static options => options.RequestBytesInMemory = -1 },
        { nameof(IdempotencyKeyOptions.KeyReusedStatus), static options => options.KeyReusedStatus = 500 },
        { nameof(IdempotencyKeyOptions.ReplayedHeaders), static options => options.ReplayedHeaders.Add("set-cookie") },
        { nameof(IdempotencyKeyOptions.ExpiryHeaderName), static options => options.ExpiryHeaderName = "" },
        { nameof(IdempotencyKeyOptions.Operation), static options => options.Operation = " " },
        { nameof(IdempotencyKeyOptions.ProblemPage), static options => options.ProblemPage = new Uri("/problems", UriKind.Relative) },
        { nameof(IdempotencyKeyOptions.OnDuplicate), static options => options.OnDuplicate = (OnDuplicate)9 },
        { nameof(IdempotencyKeyOptions.OnFailure), static options => options.OnFailure = (OnFailure)9 },
        { nameof(IdempotencyKeyOptions.OnCrash), static options => options.OnCrash = (OnCrash)9 },
        { nameof(IdempotencyKeyOptions.Ttl), static options => options.Ttl = TimeSpan.Zero },
        { nameof(IdempotencyKeyOptions.Lease), static options => options.Lease = TimeSpan.FromDays(2) },
    };

    [Theory, MemberData(nameof(Wrong))]
    public async Task A_wrong_option_is_an_error_at_start_that_names_endpoint_and_option(string option, Action<IdempotencyKeyOptions> configure)
    {
        await using var app = Server.Build(app => app.MapPost("/charges", () => "done").RequireAuthorization().RequireIdempotencyKey(configure));

        var failure = await Assert.ThrowsAsync<InvalidOperationException>(() => app.StartAsync());

        Assert.Contains("/charges", failure.Message, StringComparison.Ordinal);
        Assert.Contains(option, failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_missing_guard_is_an_error_that_says_how_to_register_one()
    {
        var builder = WebApplication.CreateSlimBuilder();
        await using var app = builder.Build();
        app.MapPost("/charges", () => "done").RequireIdempotencyKey(options => options.Scope = _ => IdempotencyScope.Everybody);

        var failure = Assert.Throws<InvalidOperationException>(() => ((Microsoft.AspNetCore.Routing.IEndpointRouteBuilder)app).DataSources.Single().Endpoints);

        Assert.Contains("AddIdempotency()", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_endpoint_adds_to_what_its_group_says_and_its_group_to_what_holds_for_all()
    {
        await using var server = await Server.StartAsync(
            app => app.MapGroup("/g").RequireAuthorization().RequireIdempotencyKey(options => options.AcceptsBareKeys = true)
                .MapPost("/charges", () => "done").RequireIdempotencyKey(options => options.MaxKeyLength = 5),
            services => services.Configure<IdempotencyKeyOptions>(options => (options.HeaderName, options.MaxKeyLength) = ("X-Once", 3)));
        using var client = server.Client();

        async Task<HttpResponseMessage> SendAsync(string key)
        {
            using var request = Posts.Post("/g/charges", key: null);
            request.Headers.TryAddWithoutValidation("X-Once", key);
            return await client.SendAsync(request);
        }

        using var accepted = await SendAsync("abcde");
        using var tooLong = await SendAsync("abcdef");
        using var retry = await SendAsync("abcde");

        Assert.Equal(HttpStatusCode.OK, accepted.StatusCode);
        await tooLong.AssertProblemAsync(400, IdempotencyProblems.KeyInvalid);
        Assert.True(retry.IsReplay());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_the_guard_says_can_be_read_by_scripts_of_other_origins(bool exposesAnother)
    {
        var mayEnd = new TaskCompletionSource();
        await using var server = await Server.StartAsync(
            app =>
            {
                app.UseCors();
                app.MapPost("/charges", () => "done").RequireAuthorization().RequireIdempotencyKey(options => options.ExpiryHeaderName = "Kept-Until");
                app.MapPost("/slow", async () =>
                {
                    await mayEnd.Task;
                    return "done";
                }).RequireAuthorization().RequireIdempotencyKey();
            },
            services => services.AddCors(options => options.AddDefaultPolicy(policy =>
            {
                policy.WithOrigins("https://shop.example");
                if (exposesAnother)
                {
                    policy.WithExposedHeaders("Location");
                }
            })));
        using var client = server.Client();
        client.DefaultRequestHeaders.Add("Origin", "https://shop.example");

        using var first = await client.PostAsync("/charges", "\"a\"");
        using var retry = await client.PostAsync("/charges", "\"a\"");

        Assert.Equal(exposesAnother ? "Location,Kept-Until" : "Kept-Until", ExposedBy(first));
        Assert.Equal(exposesAnother ? "Location,Idempotent-Replayed,Kept-Until" : "Idempotent-Replayed,Kept-Until", ExposedBy(retry));
        Assert.Equal("https://shop.example", Assert.Single(retry.Headers.GetValues("Access-Control-Allow-Origin")));
        Task<HttpResponseMessage>[] both = [client.PostAsync("/slow", "\"a\""), client.PostAsync("/slow", "\"a\"")];
        using var running = await await Task.WhenAny(both);
        mayEnd.SetResult();
        await Task.WhenAll(both);
        Assert.Equal(exposesAnother ? "Location,Retry-After" : "Retry-After", ExposedBy(running));

        static string ExposedBy(HttpResponseMessage response) => string.Join(',', response.Headers.GetValues("Access-Control-Expose-Headers")).Replace(" ", "", StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_key_that_is_required_of_an_endpoint_without_a_guarded_method_is_an_error_at_start()
    {
        await using var app = Server.Build(app => app.MapPut("/charges/{id}", (int id) => id).RequireAuthorization().RequireIdempotencyKey());

        var failure = await Assert.ThrowsAsync<InvalidOperationException>(() => app.StartAsync());

        Assert.Equal(
            "Endpoint 'HTTP: PUT /charges/{id}' requires an idempotency key, and would run unguarded: it takes PUT, and guarded are POST, PATCH. " +
            "Add its method to IdempotencyKeyOptions.Methods, or do not require a key of it.",
            failure.Message);
    }

    [Fact]
    public async Task A_group_leaves_endpoints_without_a_guarded_method_as_they_are()
    {
        await using var server = await Server.StartAsync(app =>
        {
            var group = app.MapGroup("/charges").RequireAuthorization().RequireIdempotencyKey();
            group.MapPut("/{id}", (int id) => $"put {id}");
            group.MapPost("/", () => "posted").RequireIdempotencyKey();
        });
        using var client = server.Client();

        using var put = await client.PutAsync(new Uri("/charges/1", UriKind.Relative), null);

        Assert.Equal("put 1", await put.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task The_OpenApi_document_describes_the_key_the_refusals_and_the_replay()
    {
        await using var server = await Server.StartAsync(
            app =>
            {
                app.MapOpenApi();
                app.MapPost("/charges", () => TypedResults.Created("/charges/1", "done")).RequireAuthorization().RequireIdempotencyKey();
                app.MapPost("/others", () => "done");
            },
            services => services.AddOpenApi());
        using var client = server.Client();

        using var document = JsonDocument.Parse(await client.GetStringAsync(new Uri("/openapi/v1.json", UriKind.Relative)));
        var paths = document.RootElement.GetProperty("paths");
        var guarded = paths.GetProperty("/charges").GetProperty("post");
        var header = Assert.Single(guarded.GetProperty("parameters").EnumerateArray());
        var responses = guarded.GetProperty("responses");

        Assert.Equal("Idempotency-Key", header.GetProperty("name").GetString());
        Assert.Equal("header", header.GetProperty("in").GetString());
        Assert.True(header.GetProperty("required").GetBoolean());
        Assert.True(responses.GetProperty("201").GetProperty("headers").TryGetProperty("Idempotent-Replayed", out _));
        Assert.All(["400", "409", "422"], status => Assert.True(responses.GetProperty(status).GetProperty("content").TryGetProperty("application/problem+json", out _)));
        Assert.DoesNotContain("Idempotency-Key", paths.GetProperty("/others").GetRawText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_span_of_a_replay_is_linked_to_the_trace_in_which_the_handler_ran()
    {
        var spans = new List<Activity>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = static source => source.Name == "Microsoft.AspNetCore",
            Sample = static (ref _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = span =>
            {
                lock (spans)
                {
                    spans.Add(span);
                }
            },
        };
        ActivitySource.AddActivityListener(listener);
        string? handled = null;
        await using var server = await Server.StartAsync(app => app.MapPost("/traced", () => handled = Activity.Current?.TraceId.ToString()).RequireAuthorization().RequireIdempotencyKey());
        using var client = server.Client();

        using var first = await client.PostAsync("/traced", "\"a\"");
        using var retry = await client.PostAsync("/traced", "\"a\"");
        await server.DisposeAsync(); // when all spans have ended

        lock (spans)
        {
            // Others' requests are listened to as well.
            var linked = Assert.Single(spans, span => span.Links.Any(link => link.Context.TraceId.ToString() == handled));
            Assert.NotEqual(handled, linked.TraceId.ToString());
        }
    }

    [Fact]
    public async Task The_guards_metrics_name_the_route()
    {
        var seen = new List<string>();
        using var listener = new MeterListener { InstrumentPublished = static (instrument, self) => { if (instrument.Name == IdempotencyDiagnostics.Executions) { self.EnableMeasurementEvents(instrument); } } };
        listener.SetMeasurementEventCallback<long>((_, _, tags, _) =>
        {
            lock (seen)
            {
                seen.Add(string.Join(' ', tags.ToArray().Select(static tag => tag.Value)));
            }
        });
        listener.Start();
        await using var server = await Server.StartAsync(app => app.MapPost("/orders/{id}/metered", () => "done").RequireAuthorization().RequireIdempotencyKey());
        using var client = server.Client();

        using var first = await client.PostAsync("/orders/7/metered", "\"a\"");
        using var retry = await client.PostAsync("/orders/7/metered", "\"a\"");

        lock (seen)
        {
            Assert.Equal(["POST /orders/{id}/metered executed", "POST /orders/{id}/metered replayed"], seen.Where(static line => line.Contains("metered", StringComparison.Ordinal)));
        }
    }

    [Fact]
    public async Task Problems_are_the_applications_own_where_it_customizes_them()
    {
        await using var server = await Server.StartAsync(
            app => app.MapPost("/charges", () => "done").RequireAuthorization().RequireIdempotencyKey(),
            services => services.AddProblemDetails(options => options.CustomizeProblemDetails = context => context.ProblemDetails.Extensions["node"] = "n1"));
        using var client = server.Client();

        using var response = await client.PostAsync("/charges", key: null);

        Assert.Contains("\"node\":\"n1\"", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        await response.AssertProblemAsync(400, IdempotencyProblems.KeyMissing);
    }
}
