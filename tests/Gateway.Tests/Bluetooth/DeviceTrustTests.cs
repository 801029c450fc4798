using Gateway.Bluetooth.BlueZ;
using Microsoft.Extensions.Logging.Abstractions;
using Tmds.DBus.Protocol;

namespace Gateway.Tests.Bluetooth;

/// <summary>Who may play to us, by what BlueZ tells of it.</summary>
public sealed class DeviceTrustTests : IDisposable
{
    private readonly RadioHouse _house = new();
    private readonly SessionObjects _objects;
    private readonly DeviceTrust _trust;

    public DeviceTrustTests()
    {
        _objects = new SessionObjects(_house.Options);
        _trust = new DeviceTrust(new BlueZBus(new DBusConnection("unix:path=/nowhere"), _house.Time), _house.Shared, _objects, _house.Options, NullLogger.Instance, CancellationToken.None);
    }

    [Theory]
    [InlineData("", "", false)] // merely in reach
    [InlineData("Paired", "", false)] // without a lasting key
    [InlineData("Paired Bonded", "", false)] // nobody invited it
    [InlineData("Paired Bonded", "pairing mode", true)]
    [InlineData("Paired Bonded", "expected", true)]
    [InlineData("Paired Bonded", "pairing mode is over", false)]
    [InlineData("Paired Bonded", "its adapter has just come", true)] // it was paired before
    [InlineData("Trusted", "", true)] // by another program on this machine
    public void A_device_that_is_shown_is_allowed_if_somebody_wanted_it(string flags, string meanwhile, bool allowed)
    {
        Prepare(meanwhile);

        _trust.Note(new ObjectAdded(RadioHouse.DevicePath, new() { [BlueZNames.Device] = Values(flags) }));

        Assert.Equal(allowed, _house.Shared.Pairing.IsAllowed(RadioHouse.DevicePath));
    }

    [Theory]
    [InlineData("Bonded", "", false)]
    [InlineData("Bonded", "pairing mode", true)]
    [InlineData("Bonded", "expected", true)]
    [InlineData("Paired", "pairing mode is over", false)]
    [InlineData("Trusted", "", true)]
    [InlineData("Connected", "pairing mode", false)]
    public void One_that_changes_is_allowed_by_the_same_rule(string flags, string meanwhile, bool allowed)
    {
        Prepare(meanwhile);

        _trust.Note(new PropertiesChanged(RadioHouse.DevicePath, BlueZNames.Device, Values(flags), []));

        Assert.Equal(allowed, _house.Shared.Pairing.IsAllowed(RadioHouse.DevicePath));
    }

    [Fact]
    public void One_that_loses_its_key_or_goes_is_allowed_no_longer()
    {
        _house.Shared.Pairing.SetAllowed(RadioHouse.DevicePath, true);
        _trust.Note(new PropertiesChanged(RadioHouse.DevicePath, BlueZNames.Device, new() { ["Paired"] = VariantValue.Bool(false) }, []));
        Assert.False(_house.Shared.Pairing.IsAllowed(RadioHouse.DevicePath));

        _house.Shared.Pairing.SetAllowed(RadioHouse.DevicePath, true);
        _trust.Note(new ObjectRemoved(RadioHouse.DevicePath, [BlueZNames.Device]));
        Assert.False(_house.Shared.Pairing.IsAllowed(RadioHouse.DevicePath));
    }

    [Theory]
    [InlineData(false, true)]
    [InlineData(true, false)]
    public void What_is_paired_at_the_start_may_stay_unless_it_awaits_consent(bool awaitsConsent, bool allowed)
    {
        _objects.Mirror.Reset(new Dictionary<string, Dictionary<string, Dictionary<string, VariantValue>>>
        {
            [RadioHouse.AdapterPath] = new() { [BlueZNames.Adapter] = new() { ["Address"] = VariantValue.String(RadioHouse.Adapter) } },
            [RadioHouse.DevicePath] = new()
            {
                [BlueZNames.Device] = new(Values("Paired Bonded")) { ["Address"] = VariantValue.String(RadioHouse.Device), ["Adapter"] = VariantValue.ObjectPath(RadioHouse.AdapterPath) },
            },
        });
        _house.Shared.Pairing.SetAwaitingConsent(RadioHouse.Adapter, RadioHouse.Device, awaitsConsent);

        _trust.AllowPaired();

        Assert.Equal(allowed, _house.Shared.Pairing.IsAllowed(RadioHouse.DevicePath));
    }

    public void Dispose() => _house.Dispose();

    private void Prepare(string meanwhile)
    {
        if (meanwhile.StartsWith("pairing mode", StringComparison.Ordinal)) _house.Shared.Pairing.SetPairingMode(RadioHouse.AdapterPath, true);
        if (meanwhile == "pairing mode is over") _house.Time.Advance(PairingPolicy.PairingModeTime);
        if (meanwhile == "expected") _house.Shared.Pairing.Expect(RadioHouse.DevicePath, true);
        if (meanwhile == "its adapter has just come") _trust.Note(new ObjectAdded(RadioHouse.AdapterPath, new() { [BlueZNames.Adapter] = [] }));
    }

    private static Dictionary<string, VariantValue> Values(string flags) =>
        flags.Split(' ', StringSplitOptions.RemoveEmptyEntries).ToDictionary(f => f, _ => VariantValue.Bool(true));
}
