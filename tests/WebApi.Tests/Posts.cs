using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace WebApi.Tests;

/// <summary>What came back for a charge.</summary>
/// <param name="Status">The status.</param>
/// <param name="IsReplay">Whether it says that it is the first answer, sent again.</param>
/// <param name="Problem">The name of the problem, where it is one of the guard's.</param>
/// <param name="RetryAfter">When to ask again.</param>
/// <param name="Body">The body, as it came.</param>
internal sealed record Answer(int Status, bool IsReplay, string? Problem, TimeSpan RetryAfter, string Body);

/// <summary>Charges, as clients send them.</summary>
internal static partial class Posts
{
    /// <summary>A key that nobody has used before.</summary>
    public static string NewKey() => Guid.NewGuid().ToString("N");

    /// <summary>Sends a charge once.</summary>
    public static async Task<Answer> ChargeAsync(this HttpClient client, string? key, decimal amount = 25)
    {
        var body = string.Create(CultureInfo.InvariantCulture, $$"""{"userId":7,"amount":{{amount}}}""");
        using var request = new HttpRequestMessage(HttpMethod.Post, "charges")
        {
            Content = new StringContent(body, Encoding.UTF8, "application/json"),
            Version = client.DefaultRequestVersion, // a default is for the client's own requests only
            VersionPolicy = client.DefaultVersionPolicy,
        };
        if (key is not null)
        {
            request.Headers.Add("Idempotency-Key", $"\"{key}\"");
        }

        using var response = await client.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        return new Answer(
            (int)response.StatusCode,
            response.Headers.Contains("Idempotent-Replayed"),
            ProblemType().Match(text) is { Success: true } type ? type.Groups["name"].Value : null,
            response.Headers.RetryAfter?.Delta ?? TimeSpan.Zero,
            text);
    }

    /// <summary>Sends a charge until it is not told any more that it is still running; as often as the server says, and no oftener.</summary>
    public static async Task<Answer> InsistAsync(this HttpClient client, string key)
    {
        while (true)
        {
            var answer = await client.ChargeAsync(key);
            if (answer.Problem != "in-progress")
            {
                return answer;
            }

            await Task.Delay(answer.RetryAfter);
        }
    }

    [GeneratedRegex("\"type\":\"[^\"]*#(?<name>[a-z-]+)\"")]
    private static partial Regex ProblemType();
}
