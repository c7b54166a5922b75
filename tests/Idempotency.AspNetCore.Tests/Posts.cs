using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace Idempotency.AspNetCore.Tests;

/// <summary>Requests with a key, and what is to be seen of their responses.</summary>
internal static class Posts
{
    public static Task<HttpResponseMessage> PostAsync(this HttpClient client, string path, string? key, string body = "{}", string contentType = "application/json") =>
        client.SendAsync(Post(path, key, body, contentType));

    public static HttpRequestMessage Post(string path, string? key, string body = "{}", string contentType = "application/json", HttpMethod? method = null)
    {
        var request = new HttpRequestMessage(method ?? HttpMethod.Post, path)
        {
            Version = System.Net.HttpVersion.Version11,
            Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body)),
        };
        request.Content.Headers.ContentType = MediaTypeHeaderValue.Parse(contentType);
        if (key is not null)
        {
            request.Headers.TryAddWithoutValidation("Idempotency-Key", key);
        }

        return request;
    }

    public static bool IsReplay(this HttpResponseMessage response) =>
        response.Headers.TryGetValues("Idempotent-Replayed", out var values) && values.Single() == "true";

    /// <summary>The name in a problem's type.</summary>
    public static async Task<string> ProblemAsync(this HttpResponseMessage response)
    {
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        using var problem = JsonDocument.Parse(await response.Content.ReadAsStringAsync());
        Assert.Equal((int)response.StatusCode, problem.RootElement.GetProperty("status").GetInt32());
        var type = problem.RootElement.GetProperty("type").GetString()!;
        Assert.StartsWith(IdempotencyProblems.Page + "#", type, StringComparison.Ordinal);
        Assert.Contains(response.Headers.GetValues("Link"), link => link.Contains(IdempotencyProblems.Page, StringComparison.Ordinal));
        return type[(type.IndexOf('#') + 1)..];
    }

    public static async Task AssertProblemAsync(this HttpResponseMessage response, int status, string name)
    {
        Assert.Equal(status, (int)response.StatusCode);
        Assert.Equal(name, await response.ProblemAsync());
    }
}
