using Gateway.Bluetooth;

namespace Gateway.Tests.Bluetooth;

public sealed class KnownFaultsTests
{
    [Theory]
    [InlineData("5.66", "one-stream-per-endpoint early-idle first-connect-of-a-source")]
    [InlineData("5.72", "one-stream-per-endpoint early-idle dual-role-5.72")]
    [InlineData("5.79", "one-stream-per-endpoint remote-volume-5.79")]
    [InlineData("5.82", "one-stream-per-endpoint")]
    [InlineData("5.85", "")]
    [InlineData("5.86", "dual-role-5.86")]
    [InlineData("5.87", "absolute-volume-5.87")]
    public void Each_version_has_its_own(string version, string ids) => Assert.Equal(ids, string.Join(' ', KnownFaults.Of(Version.Parse(version)).Select(f => f.Id)));

    [Theory]
    [InlineData("usb:v1D6Bp0246d0542", "5.66")]
    [InlineData("usb:v1D6Bp0246d0557", "5.87")]
    [InlineData("usb:v1D6Bp0246", null)]
    [InlineData("usb:v1D6Bp0246dXYZW", null)]
    [InlineData("usb:v05ACp0246d0542", null)]
    [InlineData("bluetooth:v000Fp1200d1436", null)]
    [InlineData("", null)]
    [InlineData(null, null)]
    public void An_adapters_modalias_tells_BlueZs_version_unless_it_has_another_identity(string? modalias, string? version) =>
        Assert.Equal(version, KnownFaults.VersionOf(modalias)?.ToString());

    [Fact]
    public void Every_entry_says_what_to_do_and_where_it_is_known_from()
    {
        var faults = KnownFaults.All();

        Assert.NotEmpty(faults);
        Assert.All(faults, f => Assert.False(string.IsNullOrWhiteSpace(f.Id) || string.IsNullOrWhiteSpace(f.Text) || string.IsNullOrWhiteSpace(f.Remedy) || f.Sources.Count == 0));
        Assert.Equal(faults.Count, faults.Select(f => f.Id).Distinct().Count());
    }
}
