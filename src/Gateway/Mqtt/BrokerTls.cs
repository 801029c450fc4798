using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Gateway.Configuration;
using Gateway.Configuration.Yaml;
using MQTTnet;

#pragma warning disable RS0030 // certificates go by the clock on the wall
namespace Gateway.Mqtt;

/// <summary>
/// The TLS side of one try to connect: our certificate files, checked before they are used, and the judgement on the broker's
/// certificate, remembered in plain words because the exception that follows has none.
/// </summary>
internal sealed class BrokerTls : IDisposable
{
    private readonly MqttSettings _settings;
    private readonly TimeProvider _time;
    private readonly X509Certificate2Collection? _authorities;
    private readonly X509Certificate2? _own;

    private BrokerTls(MqttSettings settings, TimeProvider time, X509Certificate2Collection? authorities, X509Certificate2? own)
    {
        _settings = settings;
        _time = time;
        _authorities = authorities;
        _own = own;
    }

    /// <summary>What is wrong with the broker's certificate; null: nothing found.</summary>
    public ConnectFailure? Problem { get; private set; }

    /// <summary>Reads and checks the files.</summary>
    /// <exception cref="ConnectException">A file is missing, unreadable, no PEM, or does not fit.</exception>
    public static BrokerTls Load(MqttSettings settings, TimeProvider time)
    {
        var authorities = settings.CaFile is { } ca ? LoadAuthorities(ca) : null;
        var own = settings.CertificateFile is { } certificate ? LoadOwn(certificate, settings.KeyFile, time.GetUtcNow()) : null;
        return new BrokerTls(settings, time, authorities, own);
    }

    public void Configure(MqttClientTlsOptionsBuilder options)
    {
        options.UseTls()
            .WithTargetHost(_settings.Host)
            .WithRevocationMode(X509RevocationMode.NoCheck) // private authorities publish no revocation lists, and a missing one would cost seconds
            .WithCertificateValidationHandler(Validate);
        if (_own is not null) options.WithClientCertificates([_own]);
    }

    public void Dispose()
    {
        _own?.Dispose();
        foreach (var authority in _authorities ?? []) authority.Dispose();
    }

    private bool Validate(MqttClientCertificateValidationEventArgs shown)
    {
        if (shown.Certificate is null)
        {
            Problem = new("the broker shows no certificate", "Give the broker a certificate, or use mqtt:// without TLS.");
            return false;
        }

        using var certificate = X509CertificateLoader.LoadCertificate(shown.Certificate.GetRawCertData());
        Problem = ChainProblem(certificate, shown) ?? NameProblem(certificate, shown.SslPolicyErrors);
        return Problem is null;
    }

    private ConnectFailure? ChainProblem(X509Certificate2 certificate, MqttClientCertificateValidationEventArgs shown)
    {
        var now = _time.GetUtcNow().UtcDateTime;
        if (certificate.NotAfter.ToUniversalTime() < now)
            return new($"the broker's certificate expired on {certificate.NotAfter.ToUniversalTime():yyyy-MM-dd}", "Renew the broker's certificate.");
        if (certificate.NotBefore.ToUniversalTime() > now)
            return new($"the broker's certificate is valid only from {certificate.NotBefore.ToUniversalTime():yyyy-MM-dd} on", "Check this machine's clock and the broker's certificate.");
        if (_authorities is null && !shown.SslPolicyErrors.HasFlag(SslPolicyErrors.RemoteCertificateChainErrors)) return null;
        if (_authorities is not null && TrustedByFile(certificate, shown.Chain)) return null;

        var remedy = _authorities is null
            ? "If the broker's authority is your own, name its certificate file in mqtt.ca."
            : $"Put the certificate of the authority that signed the broker's certificate into {_settings.CaFile} (mqtt.ca).";
        return new($"the broker's certificate is signed by an unknown authority ({Shorten(certificate.Issuer)})", remedy);
    }

    /// <summary>
    /// By a root of the file; or by an intermediate of the file without its root: who names a certificate there trusts it, and brokers' chains often end there.
    /// </summary>
    private bool TrustedByFile(X509Certificate2 certificate, X509Chain? sent) =>
        Builds(certificate, sent, X509VerificationFlags.NoFlag, static _ => true) || Builds(certificate, sent, X509VerificationFlags.AllowUnknownCertificateAuthority, IsAnchored);

    private bool Builds(X509Certificate2 certificate, X509Chain? sent, X509VerificationFlags flags, Func<X509Chain, bool> isTrusted)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(_authorities!);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.VerificationFlags = flags;
        chain.ChainPolicy.VerificationTime = _time.GetUtcNow().UtcDateTime;
        chain.ChainPolicy.ApplicationPolicy.Add(new Oid("1.3.6.1.5.5.7.3.1")); // server authentication, RFC 5280 4.2.1.12
        foreach (var element in sent?.ChainElements ?? Enumerable.Empty<X509ChainElement>()) chain.ChainPolicy.ExtraStore.Add(element.Certificate);
        return chain.Build(certificate) && isTrusted(chain);
    }

    /// <summary>One of the signers, each link to it proven, is of the file, and may sign.</summary>
    private bool IsAnchored(X509Chain chain) => chain.ChainElements.Skip(1).Any(e =>
        _authorities!.Any(a => a.RawDataMemory.Span.SequenceEqual(e.Certificate.RawDataMemory.Span))
        && e.Certificate.Extensions.OfType<X509BasicConstraintsExtension>().Any(x => x.CertificateAuthority)
        && e.ChainElementStatus.All(s => s.Status is X509ChainStatusFlags.NoError or X509ChainStatusFlags.PartialChain));

    private ConnectFailure? NameProblem(X509Certificate2 certificate, SslPolicyErrors errors)
    {
        if (!errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch)) return null;
        var names = certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>()
            .SelectMany(e => e.EnumerateDnsNames().Concat(e.EnumerateIPAddresses().Select(a => a.ToString()))).Take(5).ToArray();
        var stands = names.Length == 0 ? Shorten(certificate.Subject) : string.Join(", ", names);
        return new($"the host name {_settings.Host} is not in the broker's certificate (it is for {stands})",
            $"Use a name of the certificate in {_settings.NameOfUrl}, or have the certificate made for this name (an IP address needs an IP entry).");
    }

    private static X509Certificate2Collection LoadAuthorities(string path)
    {
        var found = new X509Certificate2Collection();
        try
        {
            found.ImportFromPem(Read(path, "mqtt.ca"));
        }
        catch (CryptographicException e)
        {
            throw new ConnectException(new($"the file {path} (mqtt.ca) holds no readable certificate: {e.Message}", "Give a PEM file with the authority's certificate."), e);
        }

        return found.Count > 0 ? found
            : throw new ConnectException(new($"the file {path} (mqtt.ca) holds no certificate", "Give a PEM file (-----BEGIN CERTIFICATE-----) with the authority's certificate."));
    }

    private static X509Certificate2 LoadOwn(string path, string? keyPath, DateTimeOffset now)
    {
        var certificatePem = Read(path, "mqtt.certificate");
        var keyPem = keyPath is null ? certificatePem : Read(keyPath, "mqtt.key");
        if (!certificatePem.Contains("BEGIN CERTIFICATE", StringComparison.Ordinal))
            throw new ConnectException(new($"the file {path} (mqtt.certificate) holds no certificate", "Give a PEM file (-----BEGIN CERTIFICATE-----)."));
        if (keyPem.Contains("ENCRYPTED", StringComparison.Ordinal))
            throw new ConnectException(new($"the key in {keyPath ?? path} (mqtt.key) is encrypted", "Give a key file without a pass phrase, readable by this user only."));
        if (!keyPem.Contains("PRIVATE KEY-----", StringComparison.Ordinal))
            throw new ConnectException(new($"the file {keyPath ?? path} ({(keyPath is null ? "mqtt.certificate" : "mqtt.key")}) holds no private key", "Name the PEM file with the key in mqtt.key."));
        X509Certificate2 own;
        try
        {
            own = X509Certificate2.CreateFromPem(certificatePem, keyPem);
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            throw new ConnectException(new($"the certificate {path} and the key {keyPath ?? path} cannot be used together: {e.Message}", "Check that mqtt.key is the key of mqtt.certificate."), e);
        }

        if (own.NotAfter.ToUniversalTime() >= now.UtcDateTime) return own;
        own.Dispose();
        throw new ConnectException(new($"our certificate {path} (mqtt.certificate) has expired", "Have it renewed."));
    }

    private static string Read(string path, string setting)
    {
        if (TextFile.ReadBytes(path, TextFile.MaxBytes, out var reason) is not { } bytes)
            throw new ConnectException(new($"the file {path} ({setting}) cannot be read: {reason}", $"Correct {setting}, or let the gateway's user read the file."));
        using var reader = new StreamReader(new MemoryStream(bytes)); // a byte order mark is no part of the text
        return reader.ReadToEnd();
    }

    private static string Shorten(string text) => text.Length <= 80 ? text : text[..80];
}
