using System.Net;
using Idempotency;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace WebApi;

/// <summary>Puts the pieces together and serves until it is told to stop.</summary>
public static class Application
{
    private const int Success = 0;
    private const int CannotStart = 2;

    /// <summary>Runs the sample.</summary>
    /// <returns>The exit code.</returns>
    public static async Task<int> RunAsync(string[] args, TextWriter output, TextWriter error)
    {
        if (args is ["--help" or "-h"])
        {
            await output.WriteLineAsync(Usage.Text);
            return Success;
        }

        if (Arguments.Parse(args) is not { } arguments)
        {
            await error.WriteLineAsync(Usage.Text);
            return CannotStart;
        }

        var path = arguments.Ledger ?? Path.Combine(Directory.CreateTempSubdirectory("webapi-ledger-").FullName, "ledger.jsonl");
        try
        {
            var ledger = new Ledger(path);
            _ = ledger.Read(); // a ledger that cannot be used is found now, and not by the first who pays
            await using var app = Build(arguments, ledger);
            await Stores.RequireAsync(arguments, app.Services);
            await app.StartAsync();
            await output.WriteLineAsync(Greeting(app, arguments.Store, path));
            await app.WaitForShutdownAsync();
            return Success;
        }
        catch (Exception failure) // a store, a file or a port; whatever is wrong, there is nothing to go on with
        {
            await error.WriteLineAsync($"Error: {failure.Message}");
            return CannotStart;
        }
    }

    private static WebApplication Build(Arguments arguments, Ledger ledger)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            // For this machine only: the callers of a demonstration prove nothing. HTTP/2 without TLS needs a port of its own.
            kestrel.Listen(IPAddress.Loopback, arguments.Port, listen => listen.Protocols = HttpProtocols.Http1);
            kestrel.Listen(IPAddress.Loopback, arguments.Http2Port, listen => listen.Protocols = HttpProtocols.Http2);
        });
        builder.Logging.SetMinimumLevel(LogLevel.Warning).AddSimpleConsole(console => console.SingleLine = true)
            .AddFilter("WebApi", LogLevel.Information)
            .AddFilter("Microsoft.Extensions", LogLevel.None); // why it cannot start is said in one sentence, without a stack trace

        builder.Services.AddSingleton(arguments).AddSingleton(ledger).AddSingleton<Bank>().AddSingleton(TimeProvider.System);
        builder.Services.AddAuthentication(DemoCaller.Name).AddScheme<AuthenticationSchemeOptions, DemoCaller>(DemoCaller.Name, null);
        builder.Services.AddAuthorization();
        builder.Services.AddIdempotency().Use(arguments);
        builder.Services.AddHealthChecks().AddIdempotencyStore();
        builder.Services.AddProblemDetails();
        builder.Services.AddOpenApi();

        var app = builder.Build();
        app.UseExceptionHandler();
        app.UseStatusCodePages();
        app.UseAuthentication(); // here, and not in front of all as by default: who is turned away gets a problem as a body too
        app.UseAuthorization();
        app.MapGet("/", () => TypedResults.PhysicalFile(Path.Combine(AppContext.BaseDirectory, "page.html"), "text/html; charset=utf-8")).ExcludeFromDescription();
        app.MapHealthChecks("/health");
        app.MapOpenApi();
        app.MapCharges(arguments);
        return app;
    }

    private static string Greeting(WebApplication app, string store, string ledger)
    {
        var addresses = app.Services.GetRequiredService<IServer>().Features.GetRequiredFeature<IServerAddressesFeature>().Addresses.ToList();
        return $"""
            Page and HTTP/1.1:   {addresses[0]}
            HTTP/2 without TLS:  {addresses[1]}
            Description:         {addresses[0]}/openapi/v1.json
            Store:               {store}
            Ledger:              {ledger}
            Listening. Ctrl+C stops it.
            """;
    }
}
