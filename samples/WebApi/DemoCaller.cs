using System.Security.Claims;
using System.Text.Encodings.Web;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;

namespace WebApi;

/// <summary>
/// FOR THE DEMONSTRATION ONLY: takes callers for whom they say they are, with <c>Authorization: Demo ann</c>. It shows that a key belongs to a caller,
/// and protects nothing. An application of yours has cookies or tokens here; what the guard needs of them is the claim of who the caller is.
/// </summary>
public sealed partial class DemoCaller(IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory loggers, UrlEncoder encoder)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, loggers, encoder)
{
    /// <summary>The scheme's name, in the header too.</summary>
    public const string Name = "Demo";

    /// <summary>Who is calling.</summary>
    public static string NameOf(ClaimsPrincipal caller) => caller.FindFirstValue(ClaimTypes.NameIdentifier)!;

    /// <inheritdoc/>
    protected override Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        if (Said().Match(Request.Headers.Authorization.ToString()) is not { Success: true } said)
            return Task.FromResult(AuthenticateResult.NoResult());

        var identity = new ClaimsIdentity([new Claim(ClaimTypes.NameIdentifier, said.Groups["caller"].Value)], Name);
        return Task.FromResult(AuthenticateResult.Success(new AuthenticationTicket(new ClaimsPrincipal(identity), Name)));
    }

    /// <inheritdoc/>
    protected override Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        Response.Headers.WWWAuthenticate = Name;
        return base.HandleChallengeAsync(properties);
    }

    [GeneratedRegex(@"\ADemo (?<caller>[a-zA-Z0-9-]{1,40})\z")]
    private static partial Regex Said();
}
