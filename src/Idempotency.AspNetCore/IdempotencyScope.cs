using System.Security.Claims;
using Microsoft.AspNetCore.Http;

namespace Idempotency;

/// <summary>
/// Whom a stored response belongs to. It is part of every key, so that callers of different scopes who send the same key never meet: each gets an
/// execution of their own, and none can learn that a key of another exists.
/// </summary>
public sealed record IdempotencyScope
{
    /// <summary>A scope of one subject.</summary>
    /// <param name="subject">Who is calling, such as a user's or an API client's id: stable, and never shared by two callers. Not empty.</param>
    /// <param name="tenant">The tenant the subject acts for, where one subject may act for several; none when absent.</param>
    /// <exception cref="ArgumentException">The subject is empty, or the tenant is an empty text.</exception>
    public IdempotencyScope(string subject, string? tenant = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(subject);
        if (tenant is not null)
        {
            ArgumentException.ThrowIfNullOrWhiteSpace(tenant);
        }

        Subject = subject;
        Tenant = tenant;
    }

    /// <summary>
    /// One scope for everybody: whoever sends a key that was used before gets that response, whoever made it. Only for endpoints whose responses
    /// anybody may read, such as a public sign-up whose clients make unguessable keys.
    /// </summary>
    public static IdempotencyScope Everybody { get; } = new("*", "*");

    /// <summary>Who is calling.</summary>
    public string Subject { get; }

    /// <summary>The tenant the subject acts for.</summary>
    public string? Tenant { get; }

    /// <summary>
    /// The scope of an authenticated user, which endpoints have by default: of every identity that was authenticated, how it was, who issued it, and
    /// its claim <see cref="ClaimTypes.NameIdentifier"/> or <c>sub</c>. A name is never taken for an identity, because two users may have the same.
    /// It knows no tenants: where one user acts for several, set <see cref="IdempotencyKeyOptions.Scope"/>.
    /// </summary>
    /// <returns>The scope, or <see langword="null"/> when the request is anonymous or one of its identities has no such claim.</returns>
    public static IdempotencyScope? OfUser(HttpContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        var subjects = new List<string>(1);
        foreach (var identity in context.User.Identities)
        {
            if (!identity.IsAuthenticated)
            {
                continue;
            }

            if ((identity.FindFirst(ClaimTypes.NameIdentifier) ?? identity.FindFirst("sub")) is not { } subject || string.IsNullOrWhiteSpace(subject.Value))
            {
                return null;
            }

            // Framed, so that no two of them look alike.
            subjects.Add($"{identity.AuthenticationType!.Length}:{identity.AuthenticationType}{subject.Issuer.Length}:{subject.Issuer}{subject.Value.Length}:{subject.Value}");
        }

        subjects.Sort(StringComparer.Ordinal);
        return subjects.Count == 0 ? null : new IdempotencyScope(string.Concat(subjects));
    }
}
