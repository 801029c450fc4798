using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Gateway.Echo.Alexa;

/// <summary>What lets the gateway in for some days without asking for cookies anew. As secret as the refresh token.</summary>
/// <param name="Token">A digest of the refresh token that it was made with: another token, another session.</param>
internal sealed record AlexaSession(string Token, string Site, IReadOnlyDictionary<string, string> Cookies, string? Csrf, DateTimeOffset At)
{
    /// <summary>The Cookie header that each request of the session bears.</summary>
    public string CookieHeader() => string.Join("; ", Cookies.Select(c => $"{c.Key}={c.Value}").Concat(Csrf is null ? [] : [$"csrf={Csrf}"]));

    public override string ToString() => $"AlexaSession {{ {Site} }}";

    public static string DigestOf(string refreshToken) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(refreshToken)));
}

[JsonSerializable(typeof(AlexaSession))]
internal sealed partial class SessionJson : JsonSerializerContext;

/// <summary>The session in the data directory: for its user alone, written whole or not at all, and in no copy of the database.</summary>
internal sealed class SessionFile(string directory)
{
    public const string Name = "tutti.alexa.json";
    private const int MostBytes = 1 << 18;
    private readonly string _path = Path.Combine(directory, Name);

    /// <summary>Null: there is none, or none that can be read; a new one costs one request.</summary>
    public AlexaSession? Read()
    {
        try
        {
            if (new FileInfo(_path) is not { Exists: true, Length: < MostBytes }) return null;
            var session = JsonSerializer.Deserialize(File.ReadAllBytes(_path), SessionJson.Default.AlexaSession);
            return session is { Token: not null, Site: not null, Cookies: not null } ? session : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
        {
            return null;
        }
    }

    /// <returns>Why it is not written; null: it is.</returns>
    public string? Write(AlexaSession session)
    {
        var unfinished = _path + ".new";
        try
        {
            File.Delete(unfinished);
            using (var file = new FileStream(unfinished, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite }))
            {
                JsonSerializer.Serialize(file, session, SessionJson.Default.AlexaSession);
                file.Flush(flushToDisk: true);
            }

            File.Move(unfinished, _path, overwrite: true);
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return e.Message;
        }
    }
}
