using Gateway.Bluetooth.BlueZ;
using Gateway.Engine.Ports;

namespace Gateway.Tests.Bluetooth;

public sealed class DeviceNatureTests
{
    private const string Source = "110a", Sink = "110b", Both = "110a 110b 110c 110e", None = "", Amazon = "bluetooth:v0171p0412d1000", Other = "bluetooth:v000Fp1200d1436";
    private const long Loudspeaker = 0x2C0414, Phone = 0x5A020C, Computer = 0x1C010C, Display = 0x08043C, Keyboard = 0x002540;

    [Theory]
    [InlineData(Both, Loudspeaker, "Echo Dot-2U7", Amazon, RadioKind.Echo)]
    [InlineData(Both, Loudspeaker, "Echo Dot-2U7", null, RadioKind.Echo)] // its identity is not read
    [InlineData(Both, Loudspeaker, "Echo-0A1", Other, RadioKind.Echo)] // some bear their chip maker's mark
    [InlineData(Both, Display, "Echo Show 8-1XY", Amazon, RadioKind.Echo)]
    [InlineData(Both, Loudspeaker, "Küche", Amazon, RadioKind.Echo)] // renamed: the mark stays
    [InlineData(Both, 0, "Küche", "usb:v1949p0001d0100", RadioKind.Echo)]
    [InlineData(Source, Loudspeaker, "Echo Studio-4F2", Amazon, RadioKind.Echo)]
    [InlineData(None, Loudspeaker, "Echo Dot-2U7", null, RadioKind.Echo)] // as it is met, before its services are read
    [InlineData(Sink, Loudspeaker, "Echo Dot-2U7", null, RadioKind.Speaker)] // somebody called it so: it cannot play
    [InlineData(Sink, Loudspeaker, "Echo of the mountains", null, RadioKind.Speaker)]
    [InlineData(Both, Loudspeaker, "Echo of the mountains", Other, RadioKind.Speaker)]
    [InlineData(Both, Loudspeaker, "Echo", Other, RadioKind.Speaker)]
    [InlineData(Sink, 0x240418L, "Echo Buds", Amazon, RadioKind.Speaker)]
    [InlineData(None, Loudspeaker, "Echo chamber", null, RadioKind.Speaker)]
    [InlineData(Both, Computer, "Fire", Amazon, RadioKind.Phone)] // a tablet
    [InlineData(Both, Phone, "Echo Dot-2U7", null, RadioKind.Phone)] // a phone with a sense of humour
    [InlineData(Source, 0x08043CL, "Fire TV", Other, RadioKind.Unknown)]
    public void An_echo_is_what_can_play_and_has_amazons_mark_or_an_echos_own_name(string services, long deviceClass, string name, string? modalias, RadioKind kind) =>
        Assert.Equal(kind, Of(services, deviceClass, name, modalias).Kind);

    [Theory]
    [InlineData(Sink, 0, RadioKind.Speaker)]
    [InlineData(Sink, Keyboard, RadioKind.Speaker)] // services first
    [InlineData(Both, 0x240418, RadioKind.Speaker)] // headphones of both roles
    [InlineData(Both, 0, RadioKind.Speaker)]
    [InlineData(Source, 0, RadioKind.Unknown)] // a turntable
    [InlineData(Source, Loudspeaker, RadioKind.Unknown)]
    [InlineData(Both, Phone, RadioKind.Phone)]
    [InlineData(Source, Computer, RadioKind.Phone)]
    [InlineData(None, Phone, RadioKind.Phone)]
    [InlineData(Sink, Computer, RadioKind.Speaker)] // a small computer that somebody made a loudspeaker of
    [InlineData(None, 0x240404, RadioKind.Speaker)]
    [InlineData(None, 0x240408, RadioKind.Speaker)]
    [InlineData(None, 0x240414, RadioKind.Speaker)]
    [InlineData(None, 0x240418, RadioKind.Speaker)]
    [InlineData(None, 0x24041C, RadioKind.Speaker)]
    [InlineData(None, 0x240420, RadioKind.Speaker)]
    [InlineData(None, 0x240428, RadioKind.Speaker)]
    [InlineData(None, Display, RadioKind.Speaker)]
    [InlineData(None, 0x240410, RadioKind.Unknown)] // a microphone
    [InlineData(None, Keyboard, RadioKind.Unknown)]
    [InlineData(None, 0, RadioKind.Unknown)]
    [InlineData("110d", 0, RadioKind.Speaker)]
    [InlineData("111e", 0, RadioKind.Speaker)]
    [InlineData("1124", 0, RadioKind.Unknown)]
    public void Audio_services_say_what_a_device_is_then_its_class(string services, long deviceClass, RadioKind kind) =>
        Assert.Equal(kind, Of(services, deviceClass, "Something", null).Kind);

    private static DeviceNature Of(string services, long deviceClass, string name, string? modalias) => new(
        [.. services.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(s => $"0000{s}-0000-1000-8000-00805f9b34fb"), "00000000-deca-fade-deca-deafdecacaff"],
        deviceClass, name, modalias);
}
